// Who is there: duty, leave, vacant posts, and hours in which nobody answers.
import {get} from './api.js';
import {areaOptions} from './choices.js';
import {h, fill, s} from './h.js';
import {addDays, dots, dateText, dateTimeText, t, timeText, today, word} from './i18n.js';
import {areaName, areaPath, categoryName, departmentName, lineName, personName, postTitle} from './names.js';
import {badge, emptyState, errorState, field, skeleton} from './parts.js';
import {Picker} from './picker.js';
import {setQuery} from './router.js';
import {who} from './session.js';

const DAYS = 14;
const DAY_MS = 86400000;

function panel(title, count, content, empty, hint) {
  return h('section.panel', null, h('header.panel-head', null, h('h2', null, title), h('span.column-count', null, String(count)), hint && h('small', null, hint)), count > 0 ? content : h('p.panel-empty', null, empty));
}

/* ---------------------------------------------------------------- duty */

function dutyRow(one, at) {
  const isNow = Date.parse(one.from) <= at && at < Date.parse(one.to);
  return h('li.duty', {'data-now': String(isNow)}, h('span.duty-area', null, areaPath(one.area)), h('b', null, one.person === null ? t('card.nobody') : personName(one.person)),
    h('span.duty-time', null, `${dateTimeText(one.from)} – ${one.from.slice(0, 10) === one.to.slice(0, 10) ? timeText(one.to) : dateTimeText(one.to)}`), isNow && badge(t('people.now'), 'green'));
}

function dutyList(answer) {
  const at = Date.parse(answer.at);
  return panel(t('people.duty'), answer.duty.length, h('ul.duties', {tabindex: '0', 'aria-label': t('people.duty')}, answer.duty.map((one) => dutyRow(one, at))), t('people.duty_empty'));
}

/* ---------------------------------------------------------------- leave: a strip of two weeks */

/** The part of the strip that a leave covers, 0 to 1. */
function covered(one, startMs) {
  const end = startMs + DAYS * DAY_MS;
  const from = Math.max(startMs, Date.parse(one.from)), to = Math.min(end, Date.parse(one.to));
  return [(from - startMs) / (DAYS * DAY_MS), Math.max(0.01, (to - from) / (DAYS * DAY_MS))];
}

function strip(one, startMs) {
  const [from, part] = covered(one, startMs);
  const lines = Array.from({length: DAYS - 1}, (all, day) => s('line', {x1: (day + 1) * 20, x2: (day + 1) * 20, y1: 0, y2: 16}));
  return s('svg.strip', {viewBox: `0 0 ${DAYS * 20} 16`, preserveAspectRatio: 'none', 'aria-hidden': 'true'}, lines,
    s('rect', {x: (from * DAYS * 20).toFixed(1), y: 3, width: (part * DAYS * 20).toFixed(1), height: 10, rx: 3, 'data-state': one.state}));
}

function leaveList(answer) {
  const startMs = Date.parse(`${answer.at.slice(0, 10)}T00:00:00${answer.at.slice(19)}`);
  const rows = answer.leave.map((one) => h('tr', null, h('th', {scope: 'row'}, personName(one.person)),
    h('td', null, h('span.nowrap', null, dateText(one.from)), ' – ', h('span.nowrap', null, dateText(one.to))), h('td.wide', null, strip(one, startMs)),
    h('td', null, one.standin === null ? h('span.missing', null, t('people.no_standin')) : personName(one.standin)), h('td', null, badge(word('leave', one.state), one.state === 'approved' ? 'green' : 'yellow'))));
  return panel(t('people.leave'), answer.leave.length, h('div.table-box', {tabindex: '0', role: 'region', 'aria-label': t('people.leave')}, h('table.table', null, h('thead', null, h('tr', null,
    ['person', 'when'].map((key) => h('th', {scope: 'col'}, t(`people.${key}`))), h('th.wide', {scope: 'col'}, h('span.strip-ends', null, h('span', null, dateText(answer.at)), h('span', null, dateText(addDays(answer.at.slice(0, 10), DAYS))))),
    ['standin', 'state'].map((key) => h('th', {scope: 'col'}, t(`people.${key}`))))), h('tbody', null, rows))),
  t(answer.leave_partial ? 'people.leave_empty_partial' : 'people.leave_empty'), answer.leave_partial && t('people.leave_partial'));
}

/* ---------------------------------------------------------------- vacant posts and holes */

function vacantList(answer) {
  return panel(t('people.vacant'), answer.vacant.length, h('ul.plain-list', {tabindex: '0', 'aria-label': t('people.vacant')}, answer.vacant.map((one) => h('li.vacant', null, h('b', null, postTitle(one.post)), h('small', null, one.post),
    one.person === null ? badge(t('people.nobody'), 'red') : h('span', null, t('people.instead', {name: personName(one.person)}), ' ', badge(word('path', one.path), 'grey'))))), t('people.vacant_empty'));
}

function holeList(answer) {
  return panel(t('people.holes'), answer.holes.length, h('ul.plain-list', {tabindex: '0', 'aria-label': t('people.holes')}, answer.holes.map((one) => h('li.hole', null, h('b', null, areaName(one.area)),
    h('span', null, dots([lineName(one.line), departmentName(one.department)])), h('span.nowrap', null, `${dateTimeText(one.from)} – ${dateTimeText(one.to)}`),
    h('small', null, dots([t('people.hole_size', {grids: one.grids, rows: one.rows}), categoryName(one.category, one.condition)]))))), t('people.holes_empty'));
}

/* ---------------------------------------------------------------- the page */

export function peoplePage(params, query) {
  let filters = {area: query.get('area') ?? who().areas[0] ?? '', at: query.get('at') ?? ''}, abort = new AbortController();
  const place = h('div', null, skeleton('panel', 4));
  const date = h('input', {type: 'date', value: filters.at || today(), onchange: () => change({at: date.value === today() ? '' : date.value})});
  const area = new Picker({label: t('filter.area'), placeholder: t('filter.any_area'), options: areaOptions, value: filters.area, onpick: (value) => change({area: value})});

  async function load() {
    abort.abort();
    abort = new AbortController();
    fill(place, skeleton('panel', 4));
    try {
      const answer = await get('/api/people', filters, abort.signal);
      const nobody = answer.duty.length + answer.leave.length + answer.vacant.length + answer.holes.length === 0;
      fill(place, nobody ? emptyState(t('people.empty'), t('people.empty_hint')) : h('div.people', null, dutyList(answer), h('div.people-side', null, holeList(answer), vacantList(answer)), leaveList(answer)));
    } catch (error) {
      if (error.name !== 'AbortError')
        fill(place, errorState(error, load));
    }
  }

  function change(some) {
    filters = {...filters, ...some};
    setQuery(filters);
    load();
  }

  load();
  const element = h('div.page.page-people', null, h('header.page-head', null, h('h1', {tabindex: '-1'}, t('nav.people'))), h('div.filters', null, area.element, field(t('people.at'), date)), place);
  return {title: t('nav.people'), element, leave: () => abort.abort()};
}
