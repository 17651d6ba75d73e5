// A form in a dialog: the browser keeps the focus in it, and Escape leaves it.
import {h, fill, newId} from './h.js';
import {t} from './i18n.js';
import {button, errorText, iconButton} from './parts.js';

/** submit(): a promise; its error is shown in the form, its end closes it. */
export function openForm({title, fields, hint, label, danger = false, submit}) {
  const titleId = newId('dialog');
  const message = h('p.form-error', {role: 'alert'});
  let typed = false; // then a touch beside it, or a text marked beyond its edge, must not throw it away
  const send = h('button.button', {type: 'submit', class: danger ? 'danger' : 'primary'}, h('span', null, label));
  const dialog = h('dialog.dialog', {'aria-labelledby': titleId, onclose: () => dialog.remove(), oninput: () => {
    typed = true;
  }, onclick: (event) => {
    if (event.target === dialog && !typed)
      dialog.close();
  }});

  async function onsubmit(event) {
    event.preventDefault();
    send.disabled = true;
    message.textContent = '';
    try {
      await submit();
      dialog.close();
    } catch (error) {
      fill(message, error.status === 0 ? t('error.offline_form') : errorText(error), error.detail && h('small', {lang: 'en'}, error.detail));
    } finally {
      send.disabled = false;
    }
  }

  dialog.append(h('form', {onsubmit}, h('header.dialog-head', null, h('h2', {id: titleId}, title), iconButton(t('action.cancel'), 'cross', {onclick: () => dialog.close()})),
    h('div.dialog-body', null, hint && h('p.hint', null, hint), fields, message),
    h('footer.dialog-foot', null, button(t('action.cancel'), {onclick: () => dialog.close()}), send)));
  document.getElementById('app').append(dialog);
  dialog.showModal();
  dialog.querySelector('.dialog-body input, .dialog-body select, .dialog-body textarea')?.focus();
  return dialog;
}
