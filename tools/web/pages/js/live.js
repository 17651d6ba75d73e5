// The mark that says whether a page is up to date.
import {isReachable, onReachable} from './api.js';
import {h} from './h.js';
import {t} from './i18n.js';

/** {element, set('live' | 'waiting' | 'paused'), end()}. A stream that is cut notices late: without a way to the server nothing is called live. */
export function liveMark() {
  let state = 'waiting';
  const text = h('span'), element = h('span.live', {role: 'status'}, h('i'), text);

  function say() {
    const shown = state === 'live' && !isReachable() ? 'waiting' : state;
    element.dataset.state = shown;
    text.textContent = t(`live.${shown}`);
  }

  function set(next) {
    state = next;
    say();
  }

  say();
  return {element, set, end: onReachable(say)};
}
