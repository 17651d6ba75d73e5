// Small pieces that pages share: buttons, badges, bars, and the states that no page may forget.
import {colourAt, usedAt} from './clock.js';
import {h, newId, setVars} from './h.js';
import {durationText, percentText, t, word} from './i18n.js';
import {icon} from './icons.js';

/* ---------------------------------------------------------------- buttons and badges */

export function button(label, {icon: name, kind = 'plain', ...props} = {}) {
  return h(`button.button.${kind}`, {type: 'button', ...props}, name && icon(name), h('span', null, label));
}

/** A button that shows an icon only: its label is for who cannot see it, and its tooltip. */
export function iconButton(label, name, props) {
  return h('button.icon-button', {type: 'button', 'aria-label': label, title: label, ...props}, icon(name));
}

export function badge(text, tone = 'plain') {
  return h(`span.badge.tone-${tone}`, null, text);
}

const STATE_TONES = {
  reported: 'blue', filed: 'blue', dispatched: 'blue', reopened: 'blue', accepted: 'accent', rework: 'yellow', returned: 'orange',
  arbitration: 'orange', suspended: 'grey', finished: 'green', verified: 'green', closed: 'grey', void: 'grey', duplicate: 'grey',
};

export function stateBadge(state) {
  return badge(word('state', state), STATE_TONES[state] ?? 'plain');
}

const STEP_TONES = {
  dispatch: 'grey', unaccepted: 'yellow', yellow1: 'yellow', yellow: 'yellow', red: 'red', blue: 'blue', orange: 'orange',
  card: 'red', repeat: 'red', dispatch_late: 'orange', verify_late: 'orange', resume: 'grey', resume_notice: 'grey',
};

export function stepTone(step) {
  return STEP_TONES[step] ?? 'grey';
}

/* ---------------------------------------------------------------- states of a page */

/** Nothing there, on purpose. */
export function emptyState(title, hint, ...actions) {
  return h('div.state', {role: 'status'}, icon('empty'), h('p.state-title', null, title), hint && h('p', null, hint), actions);
}

export function errorText(error) {
  const known = word('error', error.error);
  return known !== error.error ? known : word('reason', error.error);
}

/** It did not work; what a person can do about it. */
export function errorState(error, retry) {
  const offline = error.status === 0;
  return h('div.state.state-error', {role: 'alert'}, icon(offline ? 'offline' : 'escalations'),
    h('p.state-title', null, offline ? t('error.offline') : t('page.failed')),
    h('p', null, offline ? t('error.offline_hint') : errorText(error)),
    !offline && error.detail ? h('p.detail', {lang: 'en'}, error.detail) : null,
    retry && button(t('action.retry'), {icon: 'retry', onclick: retry}));
}

/** Grey shapes of what is coming, so that nothing jumps when it comes. */
export function skeleton(kind, count) {
  const shapes = Array.from({length: count}, () => h(`div.skeleton-${kind}`, null, h('i'), h('i'), h('i')));
  return h('div.skeleton', {role: 'status'}, h('span.hidden', null, t('page.loading')), shapes);
}

/* ---------------------------------------------------------------- forms */

export function field(label, control, hint) {
  const id = control.id || newId('field');
  const hintId = hint ? `${id}-hint` : null;
  control.id = id;
  if (hintId !== null)
    control.setAttribute('aria-describedby', hintId);
  return h('div.field', null, h('label', {for: id}, label), control, hint && h('p.hint', {id: hintId}, hint));
}

/** options: [value, text] … */
export function select(options, value, props) {
  const known = options.some(([one]) => one === value);
  return h('select', {...props, value: known ? value : options[0]?.[0]},
    options.map(([one, text]) => h('option', {value: one}, text)));
}

/** A choice among few that are all seen: radio buttons that look like one switch. */
export function segmented(label, options, value, onchange) {
  const name = newId('choice');
  return h('fieldset.segmented', null, h('legend.hidden', null, label), options.map(([one, text]) => h('label', null,
    h('input', {type: 'radio', name, value: one, checked: one === value, onchange: () => onchange(one)}), h('span', null, text))));
}

/* ---------------------------------------------------------------- the bar */

const USED_BP_MAX = 30000; // as far as the server tells

/** What is left, in words. */
export function leftText(row, at) {
  if (row.due === null)
    return word('still', row.state);
  const left = row.dueMs - at;
  return left >= 0 ? t('due.left', {time: durationText(left)}) : t('due.late', {time: durationText(left)});
}

/** How much of the limit is used, drawn and said. update(row, at) moves it. */
export function limitBar(row, at) {
  const percent = h('span.bar-percent'), left = h('span.bar-left'), warned = h('span.hidden');
  const fillPart = h('i.bar-fill'), mark = h('i.bar-mark');
  const element = h('div.bar', null, h('span.bar-track', {'aria-hidden': 'true'}, fillPart, mark), h('span.bar-texts', null, warned, left, percent));
  let shown = '';

  function update(next, time) {
    const used = usedAt(next, time), colour = colourAt(next, time);
    const texts = [leftText(next, time), used === null ? '' : `${percentText(used, 0)}${used >= USED_BP_MAX ? '+' : ''}`];
    const key = `${texts} ${used} ${colour} ${next.warn_bp} ${next.state}`;
    if (key === shown)
      return colour;
    shown = key;
    left.textContent = texts[0];
    percent.textContent = texts[1];
    left.dataset.state = next.state;
    warned.textContent = colour === 'yellow' ? `${t('legend.yellow')} ` : '';
    element.dataset.colour = colour;
    setVars(element, {used: Math.min(1, (used ?? 0) / 10000), warn: next.warn === null ? 0.8 : next.warn_bp / 10000});
    return colour;
  }

  update(row, at);
  return {element, update};
}
