// Short messages that go away by themselves, and are read out.
import {h} from './h.js';
import {icon} from './icons.js';

const SHOWN_MS = 6000;
let place = null;

export function toastPlace() {
  place = h('div.toasts', {role: 'status', 'aria-live': 'polite'});
  return place;
}

export function toast(text, tone = 'plain') {
  const one = h(`div.toast.tone-${tone}`, null, icon(tone === 'green' ? 'check' : 'bell'), h('span', null, text));
  place.append(one);
  setTimeout(() => one.remove(), SHOWN_MS);
}

/** For who cannot see it only: one sentence, the newest replaces the one before. */
let whisperPlace = null;
export function announcer() {
  whisperPlace = h('div.hidden', {'aria-live': 'polite', 'aria-atomic': 'true'});
  return whisperPlace;
}

export function announce(text) {
  whisperPlace.textContent = text;
}
