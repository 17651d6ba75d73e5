// What a user may do with an incident: one form for each verb, with the keys that the verb takes (docs/WEB-API.md section 6).
import {commandId, get, post} from './api.js';
import {areaOptions, categoryOptions, postOptions} from './choices.js';
import {openForm} from './dialog.js';
import {h} from './h.js';
import {addDays, limitText, t, today, word} from './i18n.js';
import {limitOf} from './names.js';
import {button, field, select} from './parts.js';
import {Picker} from './picker.js';
import {toast} from './toast.js';

const RETURN_REASONS = ['wrong_line', 'wrong_area', 'duplicate', 'not_enough_info', 'no_power', 'out_of_scope'];
const NEED_TEXT = new Set(['note', 'reopen', 'void', 'reassign', 'correct', 'suspend']); // as core/ does, and a note without words is none
const MAIN = new Set(['accept', 'finish', 'verify', 'close', 'rule', 'file', 'decide']); // what usually comes next
const DANGER = new Set(['void', 'refuse']);
const ICONS = {accept: 'check', finish: 'check', verify: 'check', close: 'check', note: 'note', 'return': 'back', extend: 'clock', suspend: 'pause', resume: 'play', reassign: 'arrow', rule: 'hand', decide: 'hand', 'void': 'cross', refuse: 'cross'};

/* ---------------------------------------------------------------- one input for each key */

function radios(name, options) {
  return {key: name, element: h('fieldset.choices', null, h('legend', null, t(`key.${name}`)), options.map((one) => h('label.choice', null,
    h('input', {type: 'radio', name, value: one, required: true}), h('span', null, word('result', one))))),
  read: (form) => form.querySelector(`input[name="${name}"]:checked`)?.value};
}

function picker(key, options, needed) {
  const one = new Picker({label: t(`key.${key}`), options, placeholder: needed ? '' : t('form.optional')});
  one.input.required = needed;
  return {key, element: h('div.field', null, h('label', {for: one.input.id}, t(`key.${key}`)), one.element), read: () => one.value || undefined};
}

function input(key, control, hint) {
  return {key, element: field(t(`key.${key}`), control, hint), read: () => (control.value === '' ? undefined : control.type === 'number' ? Number(control.value) : control.value)};
}

function text(verb) {
  const needed = NEED_TEXT.has(verb);
  return input('text', h('textarea', {rows: '3', maxlength: '600', required: needed, placeholder: needed ? '' : t('form.optional')}), word('text_hint', verb) === verb ? undefined : word('text_hint', verb));
}

/** In the limit's own clock, and at most as much again: more is refused. */
function extension({category, condition}) {
  const limit = limitOf(category, condition), hours = Number(/^(\d+)[uw]h/.exec(limit)?.[1] ?? 8);
  const clock = limit.includes('+') ? '_stage' : /u/.test(limit) ? '_continuous' : '';
  return [input('hours', number({max: '1000', value: Math.min(8, hours)}), limit && t(`form.hours_hint${clock}`, {limit: limitText(limit)}))];
}

const number = (props) => h('input', {type: 'number', step: '1', min: '1', required: true, inputmode: 'numeric', ...props});

const INPUTS = {
  verify: () => [radios('result', ['pass', 'fail'])],
  decide: () => [radios('result', ['grant', 'refuse'])],
  rule: () => [radios('result', ['accept', 'refuse']), picker('owner', postOptions, false)],
  'return': () => [input('reason', select([['', t('form.choose')], ...RETURN_REASONS.map((one) => [one, word('return', one)])], '', {required: true})), picker('suggest', postOptions, false)],
  extend: extension,
  suspend: () => [input('until', h('input', {type: 'date', required: true, min: addDays(today(), 1), max: addDays(today(), 365)}))],
  reassign: () => [picker('owner', postOptions, true)],
  correct: () => [picker('grid', () => areaOptions('grid'), false), picker('category', categoryOptions, false)],
  link: () => [input('to', number(), t('form.link_hint'))],
};

/* ---------------------------------------------------------------- sending */

function bodyOf(inputs, form, id, version) {
  const body = {id, version};
  for (const one of inputs) {
    const value = one.read(form);
    if (one.key === 'category' && value !== undefined)
      [body.category, body.condition] = value.split('/');
    else if (value !== undefined)
      body[one.key] = value;
  }
  return body;
}

/** The verb's form for an incident; done(answer) when it went through. What has changed meanwhile is refused once: the form says so, the
 *  page behind it shows it, and who presses again means the incident as it is by then. */
export function openAction(verb, incident, done) {
  const path = `/api/incidents/${incident.incident}`;
  let {version} = incident;
  const inputs = [...(INPUTS[verb]?.(incident) ?? []), text(verb)];
  const id = commandId(); // one for the form: pressing twice does it once
  const dialog = openForm({
    title: t('form.title', {verb: word('verb', verb), number: incident.incident}),
    hint: t(`verb_hint.${verb}`), fields: inputs.map((one) => one.element), label: word('verb', verb), danger: DANGER.has(verb),
    submit: async () => {
      const answer = await post(`${path}/${verb}`, bodyOf(inputs, dialog, id, version)).catch(async (error) => {
        if (error.error === 'version')
          version = await get(path).then((now) => now.incident.version, () => version);
        throw error;
      });
      toast(t('form.done', {verb: word('verb', verb), number: answer.incident, state: word('state', answer.state)}), 'green');
      done(answer);
    },
  });
}

/** Buttons for what may be done, what usually comes next in front. */
export function actionButtons(actions, incident, done) {
  const known = actions.filter((verb) => t(`verb.${verb}`) !== `verb.${verb}`);
  const sorted = [...known.filter((verb) => MAIN.has(verb)), ...known.filter((verb) => !MAIN.has(verb))];
  return h('div.actions', null, sorted.map((verb, index) => button(word('verb', verb), {
    icon: ICONS[verb], kind: DANGER.has(verb) ? 'danger-plain' : index === 0 && MAIN.has(verb) ? 'primary' : 'plain', 'data-verb': verb,
    onclick: () => openAction(verb, incident, done),
  })));
}
