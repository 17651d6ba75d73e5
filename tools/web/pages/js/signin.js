// The way in. It asks for the code of six digits only when the server wants one.
import {h} from './h.js';
import {durationText, t} from './i18n.js';
import {errorText, field} from './parts.js';
import {preferences} from './shell.js';
import {signIn} from './session.js';

const MINUTE_MS = 60000;

function messageOf(error) {
  if (error.error === 'limited')
    return t('sign.limited', {time: durationText(Math.ceil((error.retryMs ?? 1) / MINUTE_MS) * MINUTE_MS)});
  return error.status === 0 ? t('error.offline') : errorText(error);
}

/** done() after signing in. `ended`: a session was there and is over. */
export function signInPage({done, ended}) {
  const user = h('input', {type: 'text', name: 'user', autocomplete: 'username', required: true, autocapitalize: 'none', spellcheck: 'false'});
  const password = h('input', {type: 'password', name: 'password', autocomplete: 'current-password', required: true});
  const totp = h('input', {type: 'text', name: 'totp', inputmode: 'numeric', autocomplete: 'one-time-code', pattern: '[0-9]{6}', maxlength: '6'});
  const totpField = field(t('sign.totp'), totp, t('sign.totp_hint'));
  const message = h('p.form-error', {role: 'alert'});
  const submit = h('button.button.primary', {type: 'submit'}, h('span', null, t('sign.in')));
  totpField.hidden = true;

  async function onsubmit(event) {
    event.preventDefault();
    submit.disabled = true;
    message.textContent = '';
    try {
      await signIn(user.value.trim(), password.value, totp.value.trim());
      await done();
    } catch (error) {
      if (error.error === 'totp') {
        const again = !totpField.hidden;
        totpField.hidden = false;
        totp.required = true;
        totp.value = '';
        totp.focus();
        message.textContent = again ? t('error.totp') : '';
      } else {
        message.textContent = messageOf(error);
        password.select();
      }
    } finally {
      submit.disabled = false;
    }
  }

  const form = h('form.sign-form', {onsubmit}, h('h1', null, t('sign.title')), ended && h('p.notice', {role: 'status'}, t('sign.ended')),
    field(t('sign.user'), user), field(t('sign.password'), password), totpField, message, submit);
  const element = h('main.sign', {id: 'main'},
    h('div.sign-brand', null, h('img', {src: '/static/icons/app.svg', alt: '', width: 56, height: 56}), h('p.sign-name', null, 'gridpost'), h('p', null, t('app.claim'))),
    form, h('div.sign-foot', null, preferences()));
  return {element, title: t('sign.title'), focus: () => user.focus()};
}
