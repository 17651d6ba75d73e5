// Calls to the server, and whether it can be reached.
import {setClock} from './clock.js';

let csrf = '';
let reachable = true;
const listeners = new Set();

/** A refusal or a failure: `error` is a word, status 0 means that nothing answered. */
export class ApiError extends Error {
  constructor(status, error, detail, retryMs) {
    super(detail ?? error);
    this.status = status;
    this.error = error;
    this.detail = detail ?? null;
    this.retryMs = retryMs ?? null;
  }
}

export function setCsrf(token) {
  csrf = token;
}

/** Whether an error says nothing of what was asked: what is shown stays, and is asked for again. */
export function isAway(error) {
  return [0, 502, 503, 504].includes(error.status);
}

/* ---------------------------------------------------------------- reached or not */

export function isReachable() {
  return reachable;
}

export function setReachable(value) {
  if (value === reachable)
    return;
  reachable = value;
  listeners.forEach((listener) => listener(value));
}

export function onReachable(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

window.addEventListener('offline', () => setReachable(false));
window.addEventListener('online', () => get('/api/me').catch(() => {}));

/* ---------------------------------------------------------------- calls */

function withQuery(path, params) {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(params ?? {})) {
    if (value !== null && value !== undefined && value !== '')
      query.set(key, value);
  }
  const text = query.toString();
  return text === '' ? path : `${path}?${text}`;
}

async function readError(response) {
  let body = {};
  try {
    body = await response.json();
  } catch {
    body = {error: response.status >= 500 ? 'unavailable' : 'protocol'};
  }
  const error = new ApiError(response.status, String(body.error ?? 'protocol'), body.detail, body.retry_ms);
  if (error.status === 401 && error.error === 'signed_out')
    document.dispatchEvent(new CustomEvent('signed-out'));
  return error;
}

async function call(path, init) {
  let response;
  try {
    response = await fetch(path, {credentials: 'same-origin', ...init});
  } catch (error) {
    if (error.name === 'AbortError')
      throw error;
    setReachable(false);
    throw new ApiError(0, 'offline');
  }
  // A proxy that answers for a dead server is no server.
  setReachable(!isAway(response));
  if (!response.ok)
    throw await readError(response);
  try {
    const body = await response.json();
    if (typeof body.now === 'string')
      setClock(body.now, body.rate);
    return body;
  } catch (error) {
    if (error.name === 'AbortError')
      throw error;
    throw new ApiError(response.status, 'protocol');
  }
}

export function get(path, params, signal) {
  return call(withQuery(path, params), {signal});
}

export function post(path, body) {
  return call(path, {
    method: 'POST',
    headers: {'Content-Type': 'application/json', 'X-CSRF': csrf},
    body: JSON.stringify(body),
  });
}

/** An id of a command: twelve digits of time, twenty of chance; sending it again does nothing twice. */
export function commandId() {
  const chance = crypto.getRandomValues(new Uint8Array(10));
  const time = Date.now().toString(16).padStart(12, '0');
  return time + Array.from(chance, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export {withQuery};
