// Where the district stands: counts by area, coloured by lateness, from the whole down to the grid.
import {get, isAway} from './api.js';
import {departmentOptions} from './choices.js';
import {h, fill} from './h.js';
import {numberText, percentText, t, word} from './i18n.js';
import {icon} from './icons.js';
import {areaMap} from './map.js';
import {area, areaChain, areaName, childAreas, departmentName} from './names.js';
import {emptyState, errorState, select, skeleton} from './parts.js';
import {setQuery} from './router.js';
import {home, seesOwnOnly} from './session.js';

const REFRESH_MS = 10000;

/* ---------------------------------------------------------------- how late is late */

export function lateness(counts) {
  if (counts.open === 0)
    return 'none';
  const late = counts.overdue / counts.open;
  if (late >= 0.15)
    return 'red3';
  if (late >= 0.05)
    return 'red2';
  if (counts.overdue > 0)
    return 'red1';
  return counts.yellow > 0 ? 'yellow' : 'calm';
}

function sentence(counts) {
  return t('district.sentence', {open: numberText(counts.open), overdue: numberText(counts.overdue), yellow: numberText(counts.yellow)});
}

function stack(counts) {
  const parts = ['overdue', 'yellow', 'running', 'still'].filter((key) => counts[key] > 0);
  return h('span.stack', {role: 'img', 'aria-label': sentence(counts)}, parts.map((key) => h('i', {'data-part': key, vars: {n: counts[key]}})));
}

/* ---------------------------------------------------------------- tiles */

function tile(key, counts, href) {
  const share = counts.open > 0 && key !== 'open' && key !== 'soon' ? percentText(counts[key] / counts.open * 10000, 0) : null;
  return h('a.tile', {href, 'data-part': key}, h('span.tile-name', null, t(`counts.${key}`)), h('b', null, numberText(counts[key])), share && h('small', null, share));
}

function tiles(counts, filters) {
  const query = new URLSearchParams(Object.entries(filters).filter(([, value]) => value));
  const late = new URLSearchParams([...query, ['overdue', '1']]);
  return h('div.tiles', null, ['open', 'overdue', 'yellow', 'soon', 'running', 'still'].map((key) => tile(key, counts, `/p/board?${key === 'overdue' ? late : query.size > 0 ? query : 'all=1'}`)));
}

/* ---------------------------------------------------------------- the tree */

const COLUMNS = ['open', 'overdue', 'yellow', 'soon', 'still'];

class Tree {
  constructor(department) {
    this.department = department;
    this.opened = new Map(); // area → its rows' elements
    this.body = h('tbody');
    this.element = h('div.table-box', {tabindex: '0', role: 'region', 'aria-label': t('district.table')}, h('table.table.tree', null, h('thead', null, h('tr', null, h('th', {scope: 'col'}, t('district.area')),
      h('th.wide', {scope: 'col'}, h('span.hidden', null, t('district.share'))), COLUMNS.map((key) => h('th.number', {scope: 'col', 'data-column': key}, t(`counts.${key}`))))), this.body));
  }

  /** New figures: what was opened stays open. */
  show(rows) {
    const open = [...this.opened.keys()];
    const focused = this.element.contains(document.activeElement) ? document.activeElement.dataset.area : undefined;
    this.opened.clear();
    fill(this.body, rows.map((counts) => this.row(counts, 0)));
    const again = open.map((code) => {
      const toggle = this.body.querySelector(`button[data-area="${CSS.escape(code)}"]`);
      return toggle && this.expand(code, toggle, Number(toggle.dataset.depth));
    });
    Promise.all(again).then(() => focused && this.body.querySelector(`[data-area="${CSS.escape(focused)}"]`)?.focus({preventScroll: true}));
    if (focused !== undefined)
      this.body.querySelector(`[data-area="${CSS.escape(focused)}"]`)?.focus({preventScroll: true});
  }

  row(counts, depth) {
    const code = counts.area, has = childAreas(code).length > 0;
    const toggle = has ? h('button.twist', {type: 'button', 'aria-expanded': 'false', 'aria-label': t('district.expand', {name: areaName(code)}), 'data-area': code, 'data-depth': depth,
      onclick: () => this.toggle(code, toggle, depth)}, icon('right')) : h('span.twist');
    const name = h('a', {href: `/p/district/${encodeURIComponent(code)}${this.department ? `?department=${this.department}` : ''}`}, areaName(code));
    return h('tr', {'data-level': lateness(counts), 'data-code': code}, h('th', {scope: 'row'}, h('span.tree-name', {vars: {depth}}, toggle, name, h('small', null, word('level', area(code)?.level)))),
      h('td.wide', null, stack(counts)), COLUMNS.map((key) => h('td.number', {'data-column': key, 'data-zero': String(counts[key] === 0)}, numberText(counts[key]))));
  }

  toggle(code, toggle, depth) {
    if (this.opened.has(code))
      this.collapse(code, toggle);
    else
      this.expand(code, toggle, depth).catch(() => toggle.setAttribute('aria-expanded', 'false'));
  }

  async expand(code, toggle, depth) {
    toggle.setAttribute('aria-expanded', 'true');
    this.opened.set(code, []);
    const answer = await get('/api/summary', {area: code, department: this.department});
    if (!this.opened.has(code) || !toggle.isConnected)
      return;
    const rows = answer.rows.map((counts) => this.row(counts, depth + 1));
    this.opened.set(code, rows);
    toggle.closest('tr').after(...rows);
  }

  collapse(code, toggle) {
    toggle?.setAttribute('aria-expanded', 'false');
    const rows = this.opened.get(code) ?? [];
    this.opened.delete(code);
    for (const row of rows) {
      if (this.opened.has(row.dataset.code))
        this.collapse(row.dataset.code, null);
      row.remove();
    }
  }
}

/* ---------------------------------------------------------------- departments and the map */

function departments(rows, code) {
  const most = Math.max(1, ...rows.map((one) => one.open));
  const sorted = [...rows].sort((a, b) => b.overdue - a.overdue || b.open - a.open);
  return h('ol.departments', null, sorted.map((counts) => h('li', null,
    h('a', {href: `/p/board?department=${encodeURIComponent(counts.department)}${code ? `&area=${code}` : ''}`}, departmentName(counts.department)),
    h('span.departments-bar', {vars: {share: counts.open / most}}, stack(counts)), h('span.departments-count', null, h('b', null, numberText(counts.overdue)), ` / ${numberText(counts.open)}`))));
}

function mapLegend() {
  return h('p.legend', null, ['calm', 'yellow', 'red1', 'red2', 'red3', 'none'].map((level) => h('span', {'data-level': level}, h('i'), t(`lateness.${level}`))));
}

function crumbs(code, department) {
  const query = department ? `?department=${department}` : '';
  const chain = areaChain(code);
  if (chain.length <= 1 && childAreas(null).length === 1)
    return null; // at the top
  return h('nav.crumbs', {'aria-label': t('district.crumbs')}, h('ol', null, childAreas(null).length !== 1 && h('li', null, h('a', {href: `/p/district${query}`}, t('district.all'))),
    chain.map((one, index) => h('li', null, index === chain.length - 1 ? h('span', {'aria-current': 'page'}, one.name) : h('a', {href: `/p/district/${one.code}${query}`}, one.name)))));
}

/* ---------------------------------------------------------------- the page */

export function districtPage(params, query) {
  const top = childAreas(null);
  const start = home();
  const code = params.area ?? (start.area || (top.length === 1 ? top[0].code : '')); // one district: nobody needs a list of one
  let department = query.get('department') ?? start.department, tree = new Tree(department), geo = null, timer, shown = false;
  const abort = new AbortController();
  const place = h('div', null, skeleton('panel', 3));
  const title = h('h1', {tabindex: '-1'}, code === '' ? t('nav.district') : areaName(code));
  const element = h('div.page.page-district', null, h('header.page-head', null, h('div', null, crumbs(code, department), title)),
    h('div.filters', null, select(departmentOptions(), department, {'aria-label': t('filter.department'), onchange: (event) => {
      department = event.target.value;
      setQuery({department});
      tree = new Tree(department);
      shown = false;
      load();
    }})), place);

  function build(answer) {
    const filters = {area: code, department};
    const counts = new Map(answer.rows.map((one) => [one.area, one]));
    const map = geo === null ? null : areaMap(geo, counts, (one) => ({level: lateness(one), text: sentence(one), short: `${numberText(one.overdue)} / ${numberText(one.open)}`}));
    tree.show(answer.rows);
    fill(place, tiles(answer.area, filters), h(map === null ? 'div.district' : 'div.district.with-map', null,
      map && h('section.panel', null, h('header.panel-head', null, h('h2', null, t('district.map')), h('small', null, t('district.departments_hint'))), map, mapLegend()),
      answer.rows.length > 0 && h('section.panel.district-tree', null, h('header.panel-head', null, h('h2', null, t('district.below'))), tree.element),
      answer.departments.length > 0 && h('section.panel', null, h('header.panel-head', null, h('h2', null, t('district.departments')), h('small', null, t('district.departments_hint'))), departments(answer.departments, code))),
    answer.area.open === 0 && answer.rows.length === 0 && emptyState(t('district.empty'), t('district.empty_hint')));
  }

  async function load() {
    clearTimeout(timer);
    try {
      const answer = await get('/api/summary', {area: code, department: department || start.department}, abort.signal);
      geo ??= await get('/api/geo', {area: code}, abort.signal).catch(() => ({features: []}));
      if (abort.signal.aborted)
        return;
      keepFocus(() => build(answer));
      shown = true;
    } catch (error) {
      if (error.name === 'AbortError')
        return;
      if (!shown || !isAway(error))
        fill(place, errorState(error, load));
    }
    timer = setTimeout(refresh, REFRESH_MS);
  }

  // A link that has the focus keeps it when the figures change.
  function keepFocus(change) {
    const href = place.contains(document.activeElement) ? document.activeElement.getAttribute('href') : null;
    const top = tree.element.scrollLeft;
    change();
    tree.element.scrollLeft = top;
    if (href !== null)
      place.querySelector(`a[href="${CSS.escape(href)}"]`)?.focus({preventScroll: true});
  }

  function refresh() {
    if (document.visibilityState === 'visible' && !document.querySelector('dialog[open]'))
      load();
    else
      timer = setTimeout(refresh, REFRESH_MS);
  }

  if (seesOwnOnly())
    fill(place, emptyState(t('district.not_yours'), t('district.not_yours_hint'), h('a.button.plain', {href: '/p/board'}, t('nav.board'))));
  else
    load();
  return {title: code === '' ? t('nav.district') : areaName(code), element, leave: () => {
    abort.abort();
    clearTimeout(timer);
  }};
}
