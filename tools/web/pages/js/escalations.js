// The tail of what went wrong: warnings, handovers, cards, vacancies, as they are written.
import {get} from './api.js';
import {areaOptions, departmentOptions} from './choices.js';
import {h, fill} from './h.js';
import {dateTimeText, dots, durationText, t} from './i18n.js';
import {liveMark} from './live.js';
import {areaPath, categoryName, departmentName, postTitle} from './names.js';
import {badge, button, emptyState, errorState, select, skeleton} from './parts.js';
import {Picker} from './picker.js';
import {setQuery} from './router.js';
import {home, keepFilter, lastFilter, seesOwnOnly, who} from './session.js';
import {Stream} from './stream.js';
import {entryName, entryTone, recipientList} from './timeline.js';
import {announce} from './toast.js';

const KINDS = {
  warning: ['unaccepted', 'yellow1', 'yellow', 'dispatch_late', 'verify_late', 'resume_notice'],
  red: ['red', 'handover'], blue: ['blue'], orange: ['orange'], card: ['card', 'repeat', 'strike'], vacant: ['vacant'],
};
const SHOWN_MAX = 400;
const LATE_SHOWN_MS = 60000;
const SAID_EVERY_MS = 5000;

function kindOf(entry) {
  const name = entry.what === 'step' ? entry.step : entry.what;
  return Object.keys(KINDS).find((kind) => KINDS[kind].includes(name)) ?? 'other';
}

function item(entry, fresh) {
  const late = entry.late_ms !== null && entry.late_ms >= LATE_SHOWN_MS;
  return h('li.tail-row', {'data-tone': entryTone(entry), 'data-kind': kindOf(entry), 'data-seq': entry.seq, class: fresh ? 'fresh' : ''},
    h('time', {datetime: entry.at}, dateTimeText(entry.at)), badge(entryName(entry), entryTone(entry)),
    h('div.tail-what', null, h('p', null, entry.incident !== null && h('a', {href: `/p/incident/${entry.incident}`}, `#${entry.incident} ${categoryName(entry.category, entry.condition)}`),
      late && h('span.tail-late', null, t('timeline.late', {time: durationText(entry.late_ms)}))),
    h('p.tail-where', null, dots([entry.area && areaPath(entry.area), entry.department && departmentName(entry.department), entry.owner && postTitle(entry.owner)])),
    entry.what === 'vacant' && entry.text && h('p.tail-where', null, t('timeline.vacant', {post: postTitle(entry.text)})),
    recipientList(entry, new Map())));
}

function chips(hidden, change) {
  return h('fieldset.chips', null, h('legend.hidden', null, t('escalations.kinds')), Object.keys(KINDS).map((kind) => {
    const input = h('input', {type: 'checkbox', checked: !hidden.has(kind), onchange: () => {
      hidden[input.checked ? 'delete' : 'add'](kind);
      change();
    }});
    return h('label.toggle', {'data-kind': kind}, input, h('span', null, t(`kind_of.${kind}`)));
  }));
}

/* ---------------------------------------------------------------- the tail */

class Tail {
  constructor(filters, hidden, place, mark) {
    Object.assign(this, {filters, hidden, place, mark});
    this.abort = new AbortController();
    this.waiting = [];
    this.paused = false;
    this.list = h('ol.tail', {'aria-label': t('nav.escalations')});
    this.older = button(t('escalations.older'), {icon: 'down', onclick: () => this.loadOlder()});
    this.held = h('button.held', {type: 'button', hidden: true, onclick: () => this.pause(false)});
    this.start();
  }

  params() {
    return {area: this.filters.area, department: this.filters.department, person: seesOwnOnly() ? who().person : ''};
  }

  async start() {
    fill(this.place, skeleton('row', 8));
    try {
      const answer = await get('/api/escalations', this.params(), this.abort.signal);
      fill(this.place, this.held, this.list, this.older);
      this.list.append(...answer.entries.map((entry) => item(entry, false)));
      this.before = answer.before;
      this.sayState();
      this.stream = new Stream({...this.params(), escalations: 1}, answer.head, {
        entry: (entry) => this.onEntry(entry), reset: () => this.again(), state: (state) => this.mark(this.paused ? 'paused' : state),
      });
    } catch (error) {
      if (error.name !== 'AbortError')
        fill(this.place, errorState(error, () => this.start()));
    }
  }

  again() {
    this.stream?.close();
    this.list.replaceChildren();
    this.start();
  }

  onEntry(entry) {
    if (this.paused) {
      this.waiting.push(entry);
      this.held.hidden = false;
      this.held.textContent = t('escalations.held', {n: this.waiting.length});
      return;
    }
    this.list.prepend(item(entry, true));
    while (this.list.childElementCount > SHOWN_MAX) {
      this.list.lastElementChild.remove();
      this.before = Number(this.list.lastElementChild.dataset.seq);
    }
    this.sayState();
    this.say();
  }

  /** Read out: how many came, at most every few seconds. */
  say() {
    this.news = (this.news ?? 0) + 1;
    this.sayTimer ??= setTimeout(() => {
      announce(t('escalations.news', {n: this.news}));
      this.news = 0;
      this.sayTimer = undefined;
    }, SAID_EVERY_MS);
  }

  pause(on) {
    this.paused = on;
    this.mark(on ? 'paused' : 'live');
    this.held.hidden = true;
    if (!on)
      this.waiting.splice(0).forEach((entry) => this.onEntry(entry));
    this.onPause?.(on);
  }

  async loadOlder() {
    this.older.disabled = true;
    try {
      const answer = await get('/api/escalations', {...this.params(), before: this.before}, this.abort.signal);
      this.list.append(...answer.entries.map((entry) => item(entry, false)));
      this.before = answer.before;
    } catch (error) {
      if (error.name === 'AbortError')
        return;
    }
    this.older.disabled = false;
    this.sayState();
  }

  /** Kinds that are hidden, and what is said when nothing is left. */
  sayState() {
    let seen = 0;
    for (const row of this.list.children) {
      row.hidden = this.hidden.has(row.dataset.kind);
      seen += row.hidden ? 0 : 1;
    }
    this.older.hidden = this.before === null || this.before === undefined;
    this.note?.remove();
    this.note = seen === 0 ? emptyState(t('escalations.empty'), t('escalations.empty_hint')) : undefined;
    if (this.note !== undefined)
      this.list.after(this.note);
  }

  close() {
    this.abort.abort();
    this.stream?.close();
    clearTimeout(this.sayTimer);
  }
}

/* ---------------------------------------------------------------- the page */

export function escalationsPage(params, query) {
  const given = query.size > 0 ? query : new URLSearchParams(lastFilter('escalations'));
  const start = given.size > 0 ? {area: given.get('area') ?? '', department: given.get('department') ?? ''} : home();
  let filters = {area: start.area, department: start.department}, tail = null;
  const hidden = new Set((given.get('hide') ?? '').split(',').filter(Boolean));
  const place = h('div.tail-place'), live = liveMark();
  const pause = button(t('escalations.pause'), {icon: 'pause', onclick: () => tail?.pause(!tail.paused)});
  const area = new Picker({label: t('filter.area'), placeholder: t('filter.any_area'), options: areaOptions, value: filters.area, onpick: (value) => change({area: value})});

  function remember() {
    keepFilter('escalations', setQuery({...filters, hide: [...hidden].join(',')}));
  }

  function sayPause(on) {
    pause.querySelector('span').replaceChildren(t(on ? 'escalations.go_on' : 'escalations.pause'));
  }

  function open() {
    tail?.close();
    live.set('waiting');
    tail = new Tail(filters, hidden, place, live.set);
    tail.onPause = sayPause;
    sayPause(false);
  }

  function change(some) {
    filters = {...filters, ...some};
    remember();
    open();
  }

  const element = h('div.page.page-escalations', null, h('header.page-head', null, h('h1', {tabindex: '-1'}, t('nav.escalations')), live.element, pause),
    h('div.filters', null, area.element, select(departmentOptions(), filters.department, {'aria-label': t('filter.department'), onchange: (event) => change({department: event.target.value})}),
      chips(hidden, () => {
        remember();
        tail?.sayState();
      })), place);
  open();
  return {title: t('nav.escalations'), element, leave: () => {
    tail.close();
    live.end();
  }};
}
