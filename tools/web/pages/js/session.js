// Who is signed in.
import {get, post, setCsrf} from './api.js';

let me = null;

function take(answer) {
  me = answer;
  setCsrf(answer.csrf);
  return answer;
}

export function who() {
  return me;
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
