// The daemon's clock, as far as its answers tell: in a drill it is elsewhere, and faster.

let base = Date.now();
let since = performance.now();
let rate = 1;
const listeners = new Set();

/** Sets it by an answer's `now`. A step back of less than two seconds is the network's and is left out. */
export function setClock(text, newRate) {
  const told = Date.parse(text);
  if (Number.isNaN(told))
    return;
  const shown = now();
  if (newRate !== undefined && newRate > 0)
    rate = newRate;
  base = told < shown && shown - told < 2000 * rate ? shown : told;
  since = performance.now();
}

export function now() {
  return base + (performance.now() - since) * rate;
}

/** Calls listener about once a second (four times in a fast drill) while the page is seen. Returns its end. */
export function onTick(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tick() {
  if (document.visibilityState === 'visible')
    listeners.forEach((listener) => listener(now()));
  setTimeout(tick, rate > 10 ? 250 : 1000);
}

document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible')
    listeners.forEach((listener) => listener(now()));
});
setTimeout(tick, 1000);

/* ---------------------------------------------------------------- the limit of one row */

/** How much of a row's allowance is used at `at`, in basis points; null without a running clock.
 *  Exact at what the server told (now, the warning, the due), a straight line between. */
export function usedAt(row, at) {
  if (row.due === null || row.used_bp === null)
    return null;
  const points = [[row.toldMs, row.used_bp]];
  if (row.warn !== null && row.warnMs > row.toldMs && row.used_bp < row.warn_bp)
    points.push([row.warnMs, row.warn_bp]);
  if (row.dueMs > row.toldMs)
    points.push([row.dueMs, 10000]);
  for (let i = 1; i < points.length; i++) {
    const [fromMs, from] = points[i - 1], [toMs, to] = points[i];
    if (at <= toMs)
      return Math.max(0, Math.floor(from + (to - from) * Math.max(0, at - fromMs) / (toMs - fromMs)));
  }
  return Math.max(points[points.length - 1][1], at >= row.dueMs ? 10000 : 0);
}

/** none (no clock), calm, yellow, red. */
export function colourAt(row, at) {
  if (row.due === null)
    return 'none';
  if (at >= row.dueMs)
    return 'red';
  const warned = row.warn !== null ? at >= row.warnMs : (usedAt(row, at) ?? 0) >= 8000;
  return warned ? 'yellow' : 'calm';
}

/** Adds the instants in ms to a row as the server sent it at `told`. */
export function withTimes(row, told) {
  row.toldMs = Date.parse(told);
  row.dueMs = row.due === null ? Infinity : Date.parse(row.due);
  row.warnMs = row.warn === null ? Infinity : Date.parse(row.warn);
  return row;
}
