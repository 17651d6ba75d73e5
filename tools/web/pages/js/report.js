// A new report, as the window takes it.
import {commandId, post} from './api.js';
import {areaOptions, categoryOptions} from './choices.js';
import {h, fill} from './h.js';
import {limitText, t} from './i18n.js';
import {theDirectory} from './names.js';
import {errorText, field} from './parts.js';
import {Picker} from './picker.js';
import {go} from './router.js';
import {toast} from './toast.js';

function pickerField(label, one) {
  one.input.required = true;
  return h('div.field', null, h('label', {for: one.input.id}, label), one.element);
}

export function reportPage() {
  const id = commandId();
  const message = h('p.form-error', {role: 'alert'}), limit = h('p.hint', {'aria-live': 'polite'});
  const spot = h('input', {type: 'checkbox', name: 'on_spot'}), spotLabel = h('label.choice', {hidden: true}, spot, h('span', null, t('report.on_spot')));
  const grid = new Picker({label: t('report.grid'), options: () => areaOptions('grid')});
  const category = new Picker({label: t('report.category'), options: categoryOptions, onpick: (value) => {
    const row = theDirectory().categories.find((one) => `${one.category}/${one.condition}` === value);
    spotLabel.hidden = !row?.on_spot;
    spot.checked = spot.checked && row?.on_spot === true;
    limit.textContent = row === undefined ? '' : t('report.limit', {limit: limitText(row.limit)});
  }});
  const text = h('textarea', {rows: '5', maxlength: '600', required: true});
  const send = h('button.button.primary', {type: 'submit'}, h('span', null, t('report.send')));

  async function onsubmit(event) {
    event.preventDefault();
    const [code, condition] = category.value.split('/');
    message.textContent = '';
    if (grid.value === '' || category.value === '') {
      message.textContent = t('report.pick');
      (grid.value === '' ? grid : category).input.focus();
      return;
    }
    send.disabled = true;
    try {
      const answer = await post('/api/incidents', {id, grid: grid.value, category: code, condition, text: text.value, on_spot: spot.checked});
      toast(t('report.done', {number: answer.incident}), 'green');
      go(`/p/incident/${answer.incident}`);
    } catch (error) {
      fill(message, error.status === 0 ? t('error.offline_form') : errorText(error), error.detail && h('small', {lang: 'en'}, error.detail));
    } finally {
      send.disabled = false;
    }
  }

  const element = h('div.page.page-report', null, h('header.page-head', null, h('h1', {tabindex: '-1'}, t('nav.report'))),
    h('form.panel.report-form', {onsubmit}, pickerField(t('report.grid'), grid), pickerField(t('report.category'), category), limit, field(t('report.text'), text, t('report.text_hint')), spotLabel, message,
      h('div.dialog-foot', null, h('a.button.plain', {href: '/p/board'}, t('action.cancel')), send)));
  return {title: t('nav.report'), element};
}
