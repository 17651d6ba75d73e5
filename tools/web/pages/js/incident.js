// One incident: what it is, whose, by when, what was done, what comes, and what this user may do.
import {get, isAway} from './api.js';
import {actionButtons} from './actions.js';
import {colourAt, now, onTick, withTimes} from './clock.js';
import {h, fill} from './h.js';
import {dateTimeText, t, word} from './i18n.js';
import {icon} from './icons.js';
import {areaPath, categoryName, departmentName, lineName, personName, postTitle} from './names.js';
import {badge, emptyState, errorState, limitBar, skeleton, stateBadge} from './parts.js';
import {Stream} from './stream.js';
import {aheadList, timeline} from './timeline.js';
import {announce} from './toast.js';

const GATHER_MS = 300;

/* ---------------------------------------------------------------- facts */

function fact(name, value) {
  return value === null || value === undefined || value === '' ? null : h('div', null, h('dt', null, name), h('dd', null, value));
}

function time(name, value) {
  return value === null ? null : fact(name, h('time', {datetime: value}, dateTimeText(value)));
}

function person(id, postId) {
  return [h('b', null, id === null ? t('card.nobody') : personName(id)), h('small', null, postTitle(postId))];
}

function mainFacts(incident, row) {
  return h('dl.facts', null, fact(t('fact.owner'), person(row.owner_person, incident.owner)), incident.assistant && fact(t('fact.assistant'), postTitle(incident.assistant)),
    fact(t('fact.department'), departmentName(incident.department)), fact(t('fact.line'), lineName(incident.line)), fact(t('fact.area'), areaPath(incident.area)),
    fact(t('fact.reporter'), incident.reporter && personName(incident.reporter)), time(t('fact.received'), incident.received), time(t('fact.accepted'), incident.accepted),
    time(t('fact.finished'), incident.finished), time(t('fact.verified'), incident.verified), time(t('fact.closed'), incident.closed));
}

/** What the side lines left behind, as sentences. */
function sideNotes(incident) {
  const side = incident.side;
  return [
    incident.overdue && [t('side.overdue', {post: postTitle(incident.overdue_post)}), 'red'],
    side.returned_by !== null && [t('side.returned', {name: postTitle(side.returned_by), reason: word('return', side.return_reason)}), 'orange'],
    side.suggested !== null && [t('side.suggested', {post: postTitle(side.suggested)}), 'orange'],
    side.extension_asked !== null && [t('side.extension', {n: side.extension_hours}), 'yellow'],
    side.suspended_until !== null && [t('side.suspended', {time: dateTimeText(side.suspended_until)}), 'grey'],
    side.buck_passed > 0 && [t('side.buck_passed', {n: side.buck_passed}), 'red'],
    side.reworks > 0 && [t('side.reworks', {n: side.reworks}), 'yellow'],
    side.reopens > 0 && [t('side.reopens', {n: side.reopens}), 'grey'],
    side.bound && [t('side.bound'), 'accent'],
    side.downward && [side.approval === null ? t('side.downward') : t('side.approved', {approval: side.approval}), 'grey'],
    side.vacant_post !== null && [t('side.vacant', {post: postTitle(side.vacant_post)}), 'red'],
    incident.erased !== null && [t('side.erased'), 'grey'],
  ].filter(Boolean).map(([text, tone]) => h(`li.note.tone-${tone}`, null, text));
}

function linked(incident) {
  const links = [...(incident.side.main !== null ? [[t('side.main'), incident.side.main]] : []), ...(incident.followers ?? []).map((one) => [t('side.follower'), one])];
  return links.length === 0 ? null : h('p.linked', null, links.map(([text, number]) => h('a', {href: `/p/incident/${number}`}, `${text} #${number}`)));
}

/* ---------------------------------------------------------------- the whole */

function card(title, content, extra) {
  return h('section.panel', null, h('header.panel-head', null, h('h2', null, title), extra), content);
}

function content(answer, done) {
  const {incident} = answer;
  const row = withTimes(answer.row, answer.now);
  const bar = limitBar(row, now());
  const ahead = aheadList(answer.ahead, now());
  const notes = sideNotes(incident);
  const top = h('section.panel.incident-top', null,
    h('p.incident-text', null, incident.text ?? t(row.private ? 'card.private_text' : 'card.no_text')), linked(incident), bar.element,
    row.due !== null && h('p.incident-due', null, icon('clock'), t('incident.due', {time: dateTimeText(row.due)})), notes.length > 0 && h('ul.notes', null, notes));
  const left = h('div.incident-left', null, top, card(t('incident.facts'), mainFacts(incident, row)), card(t('incident.timeline'), timeline(answer.timeline, answer.notices)));
  const right = h('div.incident-right', null,
    card(t('incident.actions'), answer.actions.length > 0 ? actionButtons(answer.actions, incident, done) : h('p.hint', null, t('incident.no_actions'))),
    card(t('incident.ahead'), answer.ahead.length > 0 ? ahead.element : h('p.hint', null, t('incident.nothing_ahead'))));
  const element = h('div.incident', {'data-colour': colourAt(row, now())}, left, right);
  return {element, tick: (at) => {
    element.dataset.colour = bar.update(row, at);
    ahead.tick(at);
  }};
}

function heading(title, incident) {
  const {row} = incident;
  fill(title, h('span.incident-number', null, `#${row.incident}`), ' ', categoryName(row.category, row.condition), ' ', stateBadge(row.state),
    row.urgent && badge(t('card.urgent'), 'red'), row.overdue && badge(t('card.overdue'), 'red'), row.private && badge(t('card.private'), 'grey'));
}

export function incidentPage(params) {
  const number = /^\d{1,15}$/.test(params.number) ? Number(params.number) : 0;
  const title = h('h1', {tabindex: '-1'}, `#${params.number}`), place = h('div', null, skeleton('panel', 3));
  const element = h('div.page.page-incident', null, h('header.page-head', null, h('a.back', {href: '/p/board'}, icon('back'), t('nav.board')), title), place);
  const abort = new AbortController();
  let stream = null, shown = null, timer, version = -1;

  async function load() {
    clearTimeout(timer);
    timer = undefined;
    try {
      const answer = await get(`/api/incidents/${number}`, {}, abort.signal);
      show(answer);
      stream ??= new Stream({incident: number}, answer.head, {entry: () => later(), reset: () => later()});
    } catch (error) {
      if (error.name !== 'AbortError')
        fail(error);
    }
  }

  function later() {
    timer ??= setTimeout(load, GATHER_MS);
  }

  // The focus stays on the button that had it, where that is still there.
  function show(answer) {
    const verb = place.contains(document.activeElement) ? document.activeElement.dataset.verb : undefined;
    if (version >= 0 && version !== answer.incident.version)
      announce(t('incident.changed', {state: word('state', answer.incident.state)}));
    version = answer.incident.version;
    heading(title, answer);
    shown = content(answer, load);
    fill(place, shown.element);
    if (verb !== undefined)
      (place.querySelector(`[data-verb="${verb}"]`) ?? title).focus({preventScroll: true});
  }

  function fail(error) {
    if (shown !== null && isAway(error))
      timer = setTimeout(load, 5000);
    else if (error.status === 404)
      fill(place, emptyState(t('incident.missing'), t('incident.missing_hint'), h('a.button.primary', {href: '/p/search'}, t('nav.search'))));
    else
      fill(place, errorState(error, load));
  }

  const endTick = onTick((at) => shown?.tick(at));
  if (number > 0)
    load();
  else
    fail({status: 404});
  return {title: `#${params.number}`, element, leave: () => {
    abort.abort();
    clearTimeout(timer);
    stream?.close();
    endTick();
  }};
}
