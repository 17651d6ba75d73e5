// What happened to an incident, and who was told by which path; and what comes next.
import {h} from './h.js';
import {dateTimeText, durationText, limitText, t, word} from './i18n.js';
import {icon} from './icons.js';
import {departmentName, personName, postTitle} from './names.js';
import {badge, stepTone} from './parts.js';

const LATE_SHOWN_MS = 60000;
const WHAT_TONES = {reported: 'blue', dispatched: 'blue', accepted: 'accent', finished: 'green', verified: 'green', closed: 'green', rework: 'yellow',
  returned: 'orange', arbitrated: 'orange', ruled: 'accent', handover: 'red', vacant: 'red', strike: 'red', suspended: 'grey', extended: 'accent'};

/** An entry's name: its step, or what happened. */
export function entryName(entry) {
  return entry.what === 'step' ? word('step', entry.step) : word('what', entry.what);
}

export function entryTone(entry) {
  return entry.what === 'step' ? stepTone(entry.step) : WHAT_TONES[entry.what] ?? 'grey';
}

/* ---------------------------------------------------------------- who was told */

function deliveryMark(state) {
  const marks = {delivered: ['check', 'green'], acknowledged: ['check', 'green'], failed: ['cross', 'red']};
  const [name, tone] = marks[state] ?? [null, 'grey'];
  return name && h(`span.delivery.tone-${tone}`, {title: word('delivery', state)}, icon(name), h('span.hidden', null, word('delivery', state)));
}

function recipientChip(one, delivery) {
  return h('li.told', null, h('b', null, personName(one.person)), h('span.told-as', {title: postTitle(one.post)}, one.capacity),
    one.path !== 'holder' ? h('span.told-path', null, word('path', one.path)) : h('span.hidden', null, word('path', one.path)), deliveryMark(delivery));
}

/** notices: Map "seq person" → delivery */
export function recipientList(entry, deliveries) {
  if (entry.recipients.length === 0)
    return null;
  return h('ul.tolds', {'aria-label': t('timeline.told')}, entry.recipients.map((one) => recipientChip(one, deliveries.get(`${entry.seq} ${one.person}`))));
}

/* ---------------------------------------------------------------- one entry in words */

function lateText(entry) {
  return entry.late_ms !== null && entry.late_ms >= LATE_SHOWN_MS ? t('timeline.late', {time: durationText(entry.late_ms)}) : null;
}

const SHOWS_OWNER = new Set(['dispatched', 'handover', 'reassigned', 'ruled', 'owner_shift', 'reopened']);
const SHOWS_DUE = new Set(['dispatched', 'extended', 'resumed', 'rework', 'replanned', 'reassigned', 'staged']);

function facts(entry) {
  return [
    entry.actor !== null && h('span', null, t('timeline.by', {name: personName(entry.actor)}), entry.actor_post !== null && h('small', null, ` ${postTitle(entry.actor_post)}`)),
    SHOWS_OWNER.has(entry.what) && entry.owner !== null && h('span', null, t('timeline.to', {post: postTitle(entry.owner)})),
    entry.what === 'vacant' && h('span', null, t('timeline.vacant', {post: postTitle(entry.text)})),
    entry.what === 'handover' && entry.text !== null && h('span', null, t('timeline.from', {post: postTitle(entry.text)})),
    entry.subject !== null && h('span', null, t('timeline.about', {name: personName(entry.subject)})),
    entry.other !== null && h('a', {href: `/p/incident/${entry.other}`}, `#${entry.other}`),
    SHOWS_DUE.has(entry.what) && entry.due !== null && h('span', null, t('timeline.due', {time: dateTimeText(entry.due)})),
    entry.department !== null && entry.what === 'handover' && h('span', null, departmentName(entry.department)),
  ].filter(Boolean);
}

function flagBadges(entry) {
  return entry.flags.filter((flag) => flag !== 'drill').map((flag) => badge(word('flag', flag), flag === 'buck_passing' ? 'red' : 'grey'));
}

function quoteOf(entry) {
  const isText = entry.text !== null && !['step', 'vacant', 'handover', 'delivered'].includes(entry.what);
  return isText ? h('blockquote', null, entry.text) : null;
}

function item(entry, deliveries) {
  return h('li.entry', {'data-tone': entryTone(entry), 'data-seq': entry.seq},
    h('div.entry-head', null, h('h3', null, entryName(entry)), flagBadges(entry), lateText(entry) && badge(lateText(entry), 'orange'),
      h('time', {datetime: entry.at, title: entry.at}, dateTimeText(entry.at))),
    facts(entry).length > 0 ? h('p.entry-facts', null, facts(entry)) : null, quoteOf(entry), recipientList(entry, deliveries));
}

/** The journal of one incident, newest first; deliveries are told at the notices they are about. */
export function timeline(entries, notices) {
  const deliveries = new Map(notices.map((one) => [`${one.seq} ${one.person}`, one.delivery]));
  const shown = entries.filter((entry) => entry.what !== 'delivered').reverse();
  return h('ol.timeline', {reversed: true}, shown.map((entry) => item(entry, deliveries)));
}

/* ---------------------------------------------------------------- what comes */

function comingIn(step, at) {
  const left = Date.parse(step.at) - at;
  return left > 0 ? t('ahead.in', {time: durationText(left)}) : t('ahead.now');
}

/** {element, tick(at)} */
export function aheadList(steps, at) {
  const counters = [];
  const rows = steps.map((step) => {
    const left = h('span.ahead-left', null, step.status === 'paused' ? t('ahead.paused') : comingIn(step, at));
    if (step.status !== 'paused')
      counters.push([left, step]);
    return h('li.ahead-step', {'data-tone': stepTone(step.step)},
      h('div.ahead-head', null, h('h3', null, word('step', step.step)), h('time', {datetime: step.at}, dateTimeText(step.at)), left),
      step.recipients.length > 0 ? h('ul.tolds', {'aria-label': t('ahead.tells')}, step.recipients.map((one) => recipientChip(one))) : step.step !== 'resume' && h('p.hint', null, t('ahead.nobody')),
      step.every !== null && h('p.hint', null, t('ahead.every', {time: limitText(step.every)})), step.provisional && badge(word('flag', 'provisional'), 'grey'));
  });
  return {element: h('ol.ahead', null, rows), tick: (time) => counters.forEach(([left, step]) => {
    left.textContent = comingIn(step, time);
  })};
}

