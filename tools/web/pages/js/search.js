// Looking for incidents, open or closed, by number, words, place, department, state, time.
import {get} from './api.js';
import {card} from './card.js';
import {areaOptions, departmentOptions} from './choices.js';
import {now, onTick, withTimes} from './clock.js';
import {h, fill} from './h.js';
import {addDays, t, word} from './i18n.js';
import {icon} from './icons.js';
import {emptyState, errorState, field, select, skeleton} from './parts.js';
import {Picker} from './picker.js';
import {go, setQuery} from './router.js';
import {within} from './session.js';
import {announce} from './toast.js';

const STATES = ['reported', 'dispatched', 'accepted', 'returned', 'arbitration', 'suspended', 'finished', 'rework', 'verified', 'closed', 'reopened', 'void', 'duplicate'];
const EMPTY_PAGES_MAX = 20; // a page may have nothing on it and yet not be the last

class Results {
  constructor(place, filters) {
    Object.assign(this, {place, filters});
    this.abort = new AbortController();
    this.views = [];
    this.list = h('ul.results', {role: 'list'});
    this.end = h('div.results-end');
    this.watcher = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && this.more(), {rootMargin: '600px'});
    fill(place, skeleton('card', 5));
    this.first();
  }

  async page() {
    const {to} = this.filters;
    const answer = await get('/api/search', {...within(this.filters), to: to ? addDays(to, 1) : '', cursor: this.cursor, limit: 60}, this.abort.signal);
    this.cursor = answer.cursor;
    for (const row of answer.rows) {
      const view = card(withTimes(row, answer.now), {withState: true});
      this.views.push(view);
      this.last = row.incident;
      this.list.append(h('li', null, view.element));
    }
    return answer.rows.length;
  }

  /** Pages until something is found, or there is no more. */
  async some() {
    for (let i = 0; i < EMPTY_PAGES_MAX; i++) {
      if (await this.page() > 0 || this.cursor === null)
        return;
    }
  }

  async first() {
    try {
      await this.some();
    } catch (error) {
      if (error.name !== 'AbortError')
        fill(this.place, errorState(error, () => this.first()));
      return;
    }
    const number = /^#?(\d+)$/.exec(this.filters.q ?? '');
    if (number !== null && this.views.length === 1 && this.cursor === null && this.last === Number(number[1])) { // not a word that is a number
      go(`/p/incident/${this.last}`);
      return;
    }
    announce(t('search.found', {n: `${this.views.length}${this.cursor === null ? '' : '+'}`}));
    fill(this.place, this.views.length === 0 ? emptyState(t('search.empty'), t('search.empty_hint')) : [this.list, this.end]);
    this.watcher.observe(this.end);
  }

  async more() {
    if (this.cursor === null || this.loading)
      return;
    this.loading = true;
    fill(this.end, skeleton('card', 1));
    try {
      await this.some();
      fill(this.end);
    } catch (error) {
      if (error.name !== 'AbortError')
        fill(this.end, errorState(error, () => this.more()));
    }
    this.loading = false;
  }

  close() {
    this.abort.abort();
    this.watcher.disconnect();
  }
}

export function searchPage(params, query) {
  const filters = Object.fromEntries(['q', 'area', 'department', 'state', 'from', 'to'].map((key) => [key, query.get(key) ?? '']));
  const place = h('div.results-place', {'aria-busy': 'false'}), input = h('input', {type: 'search', id: 'search-q', value: filters.q, placeholder: t('search.placeholder'), autocomplete: 'off'});
  let results = null;
  const area = new Picker({label: t('filter.area'), placeholder: t('filter.any_area'), options: areaOptions, value: filters.area, onpick: (value) => change({area: value})});
  const date = (key) => {
    const one = h('input', {type: 'date', value: filters[key], onchange: () => change({[key]: one.value})});
    return field(t(`search.${key}`), one);
  };

  function change(some) {
    Object.assign(filters, some);
    setQuery(filters);
    results?.close();
    results = null;
    if (Object.values(filters).some((one) => one !== ''))
      results = new Results(place, {...filters});
    else
      fill(place, emptyState(t('search.start'), t('search.start_hint')));
  }

  const element = h('div.page.page-search', null, h('header.page-head', null, h('h1', {tabindex: '-1'}, t('nav.search'))),
    h('form.search-form', {onsubmit: (event) => {
      event.preventDefault();
      change({q: input.value.trim()});
    }}, h('label.hidden', {for: 'search-q'}, t('search.label')), icon('search'), input, h('button.button.primary', {type: 'submit'}, h('span', null, t('nav.search')))),
    h('div.filters', null, area.element, select(departmentOptions(), filters.department, {'aria-label': t('filter.department'), onchange: (event) => change({department: event.target.value})}),
      select([['', t('filter.any_state')], ...STATES.map((one) => [one, word('state', one)])], filters.state, {'aria-label': t('filter.state'), onchange: (event) => change({state: event.target.value})}),
      date('from'), date('to')), place);
  const endTick = onTick(() => results?.views.forEach((view) => view.tick(now())));
  change({});
  return {title: t('nav.search'), element, enter: () => {
    if (filters.q === '')
      input.focus();
    return filters.q === '';
  }, leave: () => {
    results?.close();
    endTick();
  }};
}
