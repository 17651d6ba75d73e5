// What is counted: figures and rates by unit for a period, and how they went over time.
import {get, withQuery} from './api.js';
import {areaOptions} from './choices.js';
import {lineChart} from './chart.js';
import {h, fill} from './h.js';
import {addDays, dateText, hundredthsText, language, numberText, percentText, t, today} from './i18n.js';
import {icon} from './icons.js';
import {areaName, departmentName, lineName, personName, postTitle} from './names.js';
import {badge, emptyState, errorState, field, segmented, select, skeleton} from './parts.js';
import {Picker} from './picker.js';
import {setQuery} from './router.js';
import {who} from './session.js';

const BY = ['area', 'department', 'line', 'post', 'person'];
const LEVELS = ['street', 'community', 'grid'];
const FIGURES = ['reported', 'filed', 'should_finish', 'finished', 'overdue', 'rework', 'returned', 'buck_passed', 'handled', 'strikes'];
const RATES = ['accept_rate_bp', 'finish_rate_bp', 'quality_rate_bp', 'duty_rate_bp', 'coverage_rate_bp'];
const CHARTS = ['finish_rate_bp', 'accept_rate_bp', 'quality_rate_bp', 'coverage_rate_bp', 'handled', 'overdue'];
const LINES_MAX = 6;

/* ---------------------------------------------------------------- periods */

function monthStart(date, months) {
  const at = new Date(`${date.slice(0, 7)}-01T00:00:00Z`);
  at.setUTCMonth(at.getUTCMonth() + months);
  return at.toISOString().slice(0, 10);
}

const PRESETS = {
  week: () => ({from: addDays(today(), -6), to: addDays(today(), 1)}),
  month: () => ({from: monthStart(today(), 0), to: addDays(today(), 1)}),
  last: () => ({from: monthStart(today(), -1), to: monthStart(today(), 0)}),
  year: () => ({from: `${today().slice(0, 4)}-01-01`, to: addDays(today(), 1)}),
};

/** The period and eleven before it, in steps that fit its length. */
function seriesOf(filters) {
  const days = (Date.parse(filters.to) - Date.parse(filters.from)) / 86400000;
  if (days <= 8)
    return {each: 'day', from: addDays(filters.to, -14), to: filters.to};
  return {each: 'month', from: days > 40 ? monthStart(filters.to, -12) : monthStart(addDays(filters.to, -1), -11), to: filters.to};
}

/* ---------------------------------------------------------------- the table */

function unitName(by, row) {
  if (row.unit === '-')
    return t('assess.no_unit');
  const names = {area: areaName, department: departmentName, line: lineName, person: personName, post: postTitle};
  const found = names[by](row.unit);
  return found === row.unit ? row.name ?? row.unit : found;
}

function columnsOf(rows) {
  const scored = rows.some((row) => row.rank !== undefined && row.rank !== null);
  return [...(scored ? ['rank', 'score_hundredths', 'grade'] : []), ...RATES, ...FIGURES, 'mean_work_hours_hundredths', 'mean_clock_hours_hundredths'];
}

function cellText(key, value) {
  if (value === null || value === undefined)
    return t('number.none');
  if (key.endsWith('_bp'))
    return percentText(value, 2);
  if (key.endsWith('_hundredths'))
    return hundredthsText(value);
  return typeof value === 'number' ? numberText(value) : String(value);
}

function tone(key, value) {
  if (!key.endsWith('_bp') || value === null || value === undefined)
    return null;
  return value >= 9000 ? 'good' : value >= 7500 ? 'fair' : 'bad';
}

function cell(key, row) {
  const value = row[key];
  return h('td.number', {'data-rate': tone(key, value), 'data-none': value === null || value === undefined ? '' : null, vars: key.endsWith('_bp') ? {part: (value ?? 0) / 10000} : {}},
    key === 'grade' && value ? badge(value, value <= 'B' ? 'green' : value === 'C' ? 'yellow' : 'red') : cellText(key, value), key === 'rank' && row.veto ? badge(t('assess.veto'), 'red') : null);
}

class Table {
  constructor(by, rows, chosen, onchoose) {
    Object.assign(this, {by, rows, chosen, onchoose});
    this.columns = columnsOf(rows);
    this.sort = this.columns[0] === 'rank' ? {key: 'rank', up: true} : {key: 'overdue', up: false};
    this.element = h('div.table-box.assess-table', {tabindex: '0', role: 'region', 'aria-label': t('assess.table')});
    this.draw();
  }

  sorted() {
    const {key, up} = this.sort;
    const value = (row) => (key === 'unit' ? unitName(this.by, row) : row[key]);
    return [...this.rows].sort((a, b) => {
      const left = value(a), right = value(b);
      if (left === null || left === undefined || right === null || right === undefined)
        return (left === null || left === undefined ? 1 : 0) - (right === null || right === undefined ? 1 : 0);
      const order = typeof left === 'string' ? left.localeCompare(right, language()) : left - right;
      return up ? order : -order;
    });
  }

  head(key) {
    const active = this.sort.key === key;
    return h(key === 'unit' ? 'th' : 'th.number', {scope: 'col', 'aria-sort': active ? (this.sort.up ? 'ascending' : 'descending') : null}, h('button.sort', {type: 'button', 'data-key': key, onclick: () => {
      this.sort = {key, up: active ? !this.sort.up : key === 'unit' || key === 'rank'};
      this.draw();
      this.element.querySelector(`button[data-key="${key}"]`).focus();
    }}, t(`figure.${key}`), h('span.sort-mark', {'aria-hidden': 'true'}, active ? (this.sort.up ? '↑' : '↓') : '')));
  }

  draw() {
    fill(this.element, h('table.table', null, h('thead', null, h('tr', null, this.head('unit'), this.columns.map((key) => this.head(key)))),
      h('tbody', null, this.sorted().map((row) => h('tr', null, h('th', {scope: 'row'}, this.choice(row)), this.columns.map((key) => cell(key, row)))))));
  }

  /** Which units the charts draw. */
  choice(row) {
    const input = h('input', {type: 'checkbox', checked: this.chosen.has(row.unit), onchange: () => {
      this.chosen[input.checked ? 'add' : 'delete'](row.unit);
      this.onchoose();
    }});
    return h('label.unit', null, input, h('span', null, unitName(this.by, row)));
  }
}

/* ---------------------------------------------------------------- charts */

function periodLabel(period, each) {
  return each === 'month' ? (language() === 'zh' ? `${Number(period.from.slice(5, 7))}月` : dateText(`${period.from.slice(0, 10)}`).replace(/^\d+ /, '')) : dateText(period.from.slice(0, 10));
}

function charts(answer, units, by) {
  const labels = answer.periods.map((period) => periodLabel(period, answer.each));
  const byUnit = answer.periods.map((period) => new Map(period.rows.map((row) => [row.unit, row])));
  const nameOf = (unit) => unitName(by, byUnit.map((map) => map.get(unit)).find((row) => row !== undefined) ?? {unit, name: unit});
  return h('div.charts', null, CHARTS.map((key) => lineChart({
    title: t(`figure.${key}`), labels, max: key.endsWith('_bp') ? 10000 : undefined, format: (value) => (key.endsWith('_bp') ? percentText(value, 0) : numberText(Math.round(value))),
    lines: units.slice(0, LINES_MAX).map((unit) => ({name: nameOf(unit), values: byUnit.map((map) => map.get(unit)?.[key] ?? null)})),
  })));
}

/* ---------------------------------------------------------------- the page */

/** The units that an area is made of; streets where none is chosen. */
function levelBelow(area) {
  return {9: 'community', 12: 'grid', 15: 'grid'}[area.length] ?? 'street';
}

/** A user's own area first, as on the board: few may see the whole city; or the department alone, or oneself. */
function startFilters(query) {
  const own = who().assess;
  const period = query.get('from') && query.get('to') ? {from: query.get('from'), to: query.get('to')} : PRESETS.month();
  if (own?.unit)
    return {...period, by: own.by, unit: own.unit, level: '', area: ''};
  const by = BY.includes(query.get('by')) ? query.get('by') : 'area';
  const area = query.get('area') ?? own?.area ?? '';
  const level = LEVELS.includes(query.get('level')) ? query.get('level') : levelBelow(area);
  return {...period, by, level, area, unit: ''};
}

export function assessPage(params, query) {
  let filters = startFilters(query), abort = new AbortController(), series = null;
  const place = h('div'), chartPlace = h('div'), controls = h('div.filters'), download = h('a.button.plain', {download: ''}, icon('download'), h('span', null, t('assess.download')));

  const asParams = () => ({from: filters.from, to: filters.to, by: filters.by, level: filters.by === 'area' ? filters.level : '', area: filters.area || (who().assess?.area ?? ''), unit: filters.unit});

  function drawControls() {
    const from = h('input', {type: 'date', value: filters.from, onchange: () => from.value && change({from: from.value})});
    // People think of the last day; the call wants the day after it.
    const to = h('input', {type: 'date', value: addDays(filters.to, -1), onchange: () => to.value && change({to: addDays(to.value, 1)})});
    fill(controls, h('div.presets', {role: 'group', 'aria-label': t('assess.period')}, Object.keys(PRESETS).map((key) => {
      const period = PRESETS[key]();
      return h('button.chip', {type: 'button', 'data-preset': key, 'aria-pressed': String(period.from === filters.from && period.to === filters.to), onclick: () => change(period)}, t(`preset.${key}`));
    })), field(t('assess.from'), from), field(t('assess.to'), to), filters.unit === '' && drawUnits());
  }

  /** By what is counted, and where; who sees one unit only has nothing to choose. */
  function drawUnits() {
    const area = new Picker({label: t('filter.area'), placeholder: t('filter.any_area'), options: areaOptions, value: filters.area, onpick: (value) => change({area: value})});
    return [segmented(t('assess.by'), BY.map((one) => [one, t(`by.${one}`)]), filters.by, (by) => change({by})),
    filters.by === 'area' && select(LEVELS.map((one) => [one, t(`level.${one}`)]), filters.level, {'aria-label': t('assess.level'), onchange: (event) => change({level: event.target.value})}), area.element];
  }

  async function load() {
    abort.abort();
    abort = new AbortController();
    download.setAttribute('href', withQuery('/api/assess.xlsx', {...asParams(), lang: language()}));
    fill(place, skeleton('row', 8));
    fill(chartPlace);
    try {
      const answer = await get('/api/assess', asParams(), abort.signal);
      if (answer.rows.length === 0) {
        fill(place, emptyState(t('assess.empty'), t('assess.empty_hint')));
        return;
      }
      show(answer);
    } catch (error) {
      if (error.name !== 'AbortError')
        fill(place, errorState(error, load));
    }
  }

  function show(answer) {
    const busiest = [...answer.rows].filter((row) => row.unit !== '-').sort((a, b) => b.handled - a.handled).slice(0, 3).map((row) => row.unit);
    const chosen = new Set(busiest);
    const table = new Table(filters.by, answer.rows, chosen, () => series && drawCharts([...chosen]));
    fill(place, h('section.panel', null, h('header.panel-head', null, h('h2', null, t('assess.table')), filters.unit === '' && h('small', null, t('assess.choose', {n: LINES_MAX}))), table.element));
    loadSeries(chosen);
  }

  function drawCharts(units) {
    fill(chartPlace, h('section.panel', null, h('header.panel-head', null, h('h2', null, t('assess.over_time'))), units.length > 0 ? charts(series, units, filters.by) : h('p.hint', null, t('assess.choose_some'))));
  }

  async function loadSeries(chosen) {
    series = null;
    fill(chartPlace, skeleton('panel', 1));
    try {
      series = await get('/api/assess/series', {...asParams(), ...seriesOf(filters)}, abort.signal);
      drawCharts([...chosen]);
    } catch (error) {
      if (error.name !== 'AbortError')
        fill(chartPlace, errorState(error, () => loadSeries(chosen)));
    }
  }

  function change(some) {
    const old = document.activeElement?.dataset?.preset ?? document.activeElement?.value;
    filters = {...filters, ...some};
    if (filters.from >= filters.to)
      filters.to = addDays(filters.from, 1);
    setQuery({...asParams()});
    drawControls();
    [...controls.querySelectorAll('button, input, select')].find((one) => old !== undefined && (one.dataset.preset ?? one.value) === old)?.focus();
    load();
  }

  const title = h('h1', {tabindex: '-1'}, t('nav.assess'), filters.unit && h('small', null, unitName(filters.by, {unit: filters.unit})));
  if (who().assess === null)
    return {title: t('nav.assess'), element: h('div.page.page-assess', null, h('header.page-head', null, title), emptyState(t('assess.not_yours'), t('assess.not_yours_hint'), h('a.button.plain', {href: '/p/board'}, t('nav.board'))))};
  drawControls();
  load();
  const element = h('div.page.page-assess', null, h('header.page-head', null, title, download), controls, place, chartPlace);
  return {title: t('nav.assess'), element, leave: () => abort.abort()};
}
