// Who is signed in.
import {get, post, setCsrf} from './api.js';
import {recall, remember} from './prefs.js';

let me = null;

function take(answer) {
  me = answer;
  setCsrf(answer.csrf);
  return answer;
}

export function who() {
  return me;
}

/** The filters with which a page opens: {area, department, person}, of which one at most is set. */
export function home() {
  return {area: me.home.area ?? '', department: me.home.department ?? '', person: me.home.person ?? ''};
}

/** The filters of a question that names neither area nor department: none of them is all that this user may see, and the daemon wants to hear which that is. */
export function within(filters) {
  return filters.area || filters.department ? {...filters, person: home().person} : {...filters, ...home()};
}

/** Whether this user may see what is their own only, and every question has to say so. */
export function seesOwnOnly() {
  return me.home.person !== null;
}

export function hasRight(action) {
  return me !== null && me.actions.includes(action);
}

/** The user, or null when nobody is signed in. */
export async function loadMe() {
  try {
    return take(await get('/api/me'));
  } catch (error) {
    if (error.status !== 401)
      throw error;
    me = null;
    return null;
  }
}

export async function signIn(user, password, totp) {
  return take(await post('/api/sign-in', totp === '' ? {user, password} : {user, password, totp}));
}

export async function signOut() {
  await post('/api/sign-out', {});
  me = null;
}

/* ---------------------------------------------------------------- recall the filters, of each who uses this browser */

export function lastFilter(page) {
  return recall(`filter.${me.user}.${page}`) ?? '';
}

export function keepFilter(page, query) {
  remember(`filter.${me.user}.${page}`, query);
}
