// The board: columns by state, the soonest due first, kept up to date by the journal's stream.
import {get} from './api.js';
import {areaOptions, departmentOptions} from './choices.js';
import {onTick, withTimes} from './clock.js';
import {Column} from './column.js';
import {h, fill} from './h.js';
import {dots, numberText, t} from './i18n.js';
import {liveMark} from './live.js';
import {areaName, departmentName} from './names.js';
import {emptyState, errorState, select} from './parts.js';
import {Picker} from './picker.js';
import {setQuery} from './router.js';
import {home, keepFilter, lastFilter, seesOwnOnly, who} from './session.js';
import {Stream} from './stream.js';
import {announce} from './toast.js';

const COLUMNS = [
  ['desk', ['reported', 'filed', 'returned', 'arbitration']],
  ['todo', ['dispatched', 'reopened']],
  ['doing', ['accepted', 'rework']],
  ['check', ['finished']],
  ['done', ['verified']],
  ['rest', ['suspended', 'duplicate']],
];
const GATHER_MS = 250; // changes that come together are asked for together
const ASK_MAX = 100;
const PAGE_ROWS = 200;
const RETRY_MS = 3000;
const REFRESH_MS = 60000; // of the rows in sight: what left the filter is told to nobody

/* ---------------------------------------------------------------- filters */

function startFilters(query) {
  const given = query.size > 0 ? query : new URLSearchParams(lastFilter('board'));
  if (given.size > 0)
    return {area: given.get('area') ?? '', department: given.get('department') ?? '', overdue: given.get('overdue') === '1', mine: given.get('mine') === '1'};
  const {area, department} = home();
  return {area, department, overdue: false, mine: seesOwnOnly()};
}

function asParams(filters) {
  return {area: filters.area, department: filters.department, overdue: filters.overdue ? 1 : '', person: filters.mine ? who().person : ''};
}

/** What changes among what is shown. An own board of somebody who may see more hears of the whole scope: deputies are not told of each incident. */
function streamParams(filters) {
  return {area: filters.area, department: filters.department, person: filters.mine && seesOwnOnly() ? who().person : ''};
}

function scopeText(filters) {
  return dots([filters.department && departmentName(filters.department), filters.area && areaName(filters.area)]) || t('board.everywhere');
}

function toggle(label, checked, onchange) {
  const input = h('input', {type: 'checkbox', checked, onchange: () => onchange(input.checked)});
  return h('label.toggle', null, input, h('span', null, label));
}

function filterBar(filters, change) {
  const area = new Picker({label: t('filter.area'), placeholder: t('filter.any_area'), options: areaOptions, value: filters.area, onpick: (value) => change({area: value})});
  return h('div.filters', null, area.element,
    select(departmentOptions(), filters.department, {'aria-label': t('filter.department'), onchange: (event) => change({department: event.target.value})}),
    toggle(t('filter.mine'), filters.mine, (value) => change({mine: value})),
    toggle(t('filter.overdue'), filters.overdue, (value) => change({overdue: value})));
}

/* ---------------------------------------------------------------- one set of filters, shown and live */

class Board {
  constructor(filters, place, live) {
    this.filters = filters;
    this.place = place;
    this.live = live;
    this.abort = new AbortController();
    this.pending = new Set();
    this.columns = COLUMNS.map(([id, states]) => new Column({id, states, filters: asParams(filters), signal: this.abort.signal, onTotal: () => this.onTotal()}));
    this.tabs = h('div.board-tabs', {role: 'group', 'aria-label': t('board.columns')}, this.columns.map((column) => this.tab(column)));
    this.grid = h('div.board', {onkeydown: (event) => this.onKey(event)}, this.columns.map((column) => column.element));
    fill(place, this.tabs, this.grid);
    this.choose('todo');
    this.endTick = onTick((at) => this.columns.forEach((column) => column.tick(at)));
    this.refresher = setInterval(() => this.askInSight(), REFRESH_MS);
    this.start();
  }

  tab(column) {
    const count = h('span.tab-count', null, '…');
    const element = h('button', {type: 'button', 'aria-pressed': 'false', 'data-column': column.id, onclick: () => this.choose(column.id)}, h('span', null, t(`column.${column.id}`)), count);
    column.tab = element;
    column.tabCount = count;
    return element;
  }

  // On a phone one column is in sight at a time.
  choose(id) {
    for (const column of this.columns) {
      column.element.classList.toggle('chosen', column.id === id);
      column.tab.setAttribute('aria-pressed', String(column.id === id));
    }
  }

  async start() {
    const results = await Promise.allSettled(this.columns.map((column) => column.load()));
    if (this.abort.signal.aborted)
      return;
    const failed = results.filter((one) => one.status === 'rejected');
    if (failed.length === results.length) {
      fill(this.place, errorState(failed[0].reason, () => this.live.again()));
      return;
    }
    this.ready = true;
    this.onTotal();
    if (this.columns.some((column) => !column.sorted))
      this.readAll();
    const heads = this.columns.filter((column) => column.head > 0).map((column) => column.head);
    this.stream = new Stream(streamParams(this.filters), Math.min(...heads), {
      entry: (entry) => this.onEntry(entry), reset: () => this.live.again(), state: (state) => this.live.state(state),
    });
  }

  /** A server that can't sort: every page, whatever its state, in one go; each row finds its place in its column. */
  async readAll() {
    for (let cursor = ''; cursor !== null;) {
      try {
        const answer = await get('/api/board', {...asParams(this.filters), limit: PAGE_ROWS, cursor}, this.abort.signal);
        cursor = answer.cursor;
        this.addRows(answer.rows.map((row) => withTimes(row, answer.now)));
      } catch (error) {
        if (error.name === 'AbortError')
          return;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
    this.columns.forEach((column) => column.complete());
  }

  addRows(rows) {
    for (const column of this.columns) {
      const its = [];
      for (const row of rows) {
        if (column.states.includes(row.state))
          its.push(row);
        else if (column.has(row.incident))
          column.remove(row.incident);
      }
      if (its.length > 0)
        column.add(its);
    }
  }

  onTotal() {
    let total = 0;
    for (const column of this.columns) {
      column.tabCount.textContent = column.count.textContent;
      total += column.total ?? column.rows.length;
    }
    const empty = this.ready === true && total === 0 && this.columns.every((column) => column.rows.length === 0);
    if (empty && this.note === undefined) {
      this.note = emptyState(t('board.empty'), t('board.empty_hint'));
      this.place.append(this.note);
    } else if (!empty && this.note !== undefined) {
      this.note.remove();
      this.note = undefined;
    }
    this.place.classList.toggle('board-empty', empty);
    this.live.total(total);
  }

  /* ---------------------------------------------------------------- live */

  onEntry(entry) {
    if (entry.incident === null || entry.what === 'delivered')
      return;
    if (entry.what === 'reported')
      this.news = (this.news ?? 0) + 1;
    this.pending.add(entry.incident);
    this.gather();
  }

  gather() {
    if (this.timer === undefined && !this.asking)
      this.timer = setTimeout(() => this.ask(), GATHER_MS);
  }

  askInSight() {
    if (document.visibilityState !== 'visible' || !this.grid.isConnected)
      return;
    if (this.drifted)
      this.recount();
    this.columns.flatMap((column) => column.inSight()).slice(0, ASK_MAX).forEach((number) => this.pending.add(number));
    if (this.pending.size > 0)
      this.gather();
  }

  recount() {
    this.drifted = false;
    Promise.all(this.columns.map((column) => column.recount())).catch(() => {
      this.drifted = true; // again with the next refresh
    });
  }

  async ask() {
    this.timer = undefined;
    this.asking = true;
    const numbers = [...this.pending].slice(0, ASK_MAX);
    numbers.forEach((number) => this.pending.delete(number));
    try {
      const answer = await get('/api/board', {...asParams(this.filters), numbers: numbers.join(',')}, this.abort.signal);
      const rows = new Map(answer.rows.map((row) => [row.incident, withTimes(row, answer.now)]));
      numbers.forEach((number) => this.put(number, rows.get(number)));
      this.tell();
    } catch (error) {
      if (error.name === 'AbortError')
        return;
      numbers.forEach((number) => this.pending.add(number));
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    } finally {
      this.asking = false;
    }
    if (this.pending.size > 0 && !this.abort.signal.aborted)
      this.gather();
  }

  put(number, row) {
    const to = row === undefined ? undefined : this.columns.find((column) => column.states.includes(row.state));
    let was = false;
    for (const column of this.columns) {
      if (column !== to)
        was = column.remove(number) || was;
      else
        was = column.has(number) || was;
    }
    to?.put(row, !was || !to.has(number), was);
    this.drifted ||= !was; // it left a column's pages that are not here, or came to some
  }

  tell() {
    if (this.news > 0)
      announce(t('board.news', {n: this.news}));
    this.news = 0;
  }

  /* ---------------------------------------------------------------- keyboard: sideways between columns */

  onKey(event) {
    if ((event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') || event.altKey || event.ctrlKey || event.metaKey)
      return;
    const at = this.columns.findIndex((column) => column.element.contains(event.target));
    const step = event.key === 'ArrowRight' ? 1 : -1;
    for (let to = at + step; at >= 0 && to >= 0 && to < this.columns.length; to += step) {
      const from = this.columns[at].list, list = this.columns[to].list;
      const offset = from.focusAt - Math.floor(from.element.scrollTop / from.rowHeight);
      if (list.count > 0 && list.element.offsetParent !== null) {
        event.preventDefault();
        this.columns[to].focus(Math.max(0, Math.floor(list.element.scrollTop / list.rowHeight) + offset));
        return;
      }
    }
  }

  close() {
    this.abort.abort();
    this.stream?.close();
    clearTimeout(this.timer);
    clearInterval(this.refresher);
    this.endTick();
  }
}

/* ---------------------------------------------------------------- the page */

function legend() {
  return h('p.legend', {'aria-label': t('legend.label')}, ['calm', 'yellow', 'red', 'none'].map((colour) => h('span', {'data-colour': colour}, h('i'), t(`legend.${colour}`))));
}

export function boardPage(params, query) {
  let filters = startFilters(query), board = null, opened = null;
  const title = h('h1', {tabindex: '-1'}), totalText = h('p.page-count'), mark = liveMark(), place = h('div.board-place');
  const element = h('div.page.page-board', {onclick: (event) => {
    opened = event.target.closest('a.card')?.dataset.number ?? opened;
  }}, h('header.page-head', null, h('div', null, title, totalText), mark.element),
  filterBar(filters, change), legend(), place);
  const page = {title: t('nav.board'), element, keep: true, key: '', enter, sleep, leave};

  function open() {
    board?.close();
    const text = setQuery({...filters});
    keepFilter('board', text === '' ? 'all=1' : text);
    page.key = `board?${text}`;
    fill(title, t('nav.board'), h('small', null, scopeText(filters)));
    totalText.textContent = '';
    mark.set('waiting');
    board = new Board(filters, place, {again: open, state: mark.set, total: (total) => {
      totalText.textContent = t('board.total', {n: numberText(total)});
    }});
  }

  function change(some) {
    filters = {...filters, ...some};
    open();
  }

  function enter() {
    if (board === null) {
      open();
      return false;
    }
    setQuery({...filters});
    board.columns.forEach((column) => column.wake());
    const link = opened === null ? null : element.querySelector(`a.card[data-number="${opened}"]`);
    link?.focus({preventScroll: true});
    return link !== null;
  }

  function sleep() {
    board.columns.forEach((column) => column.sleep());
  }

  function leave() {
    board?.close();
    mark.end();
  }

  return page;
}
