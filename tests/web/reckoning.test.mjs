// What the pages reckon by themselves between two answers: how much of a limit is used, and how it is written.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {pathToFileURL} from 'node:url';
import {PAGES} from './mock.mjs';

// The modules are a browser's; these two things of it they need.
const later = globalThis.setTimeout;
globalThis.setTimeout = (...call) => later(...call).unref();
globalThis.document = {documentElement: {lang: 'zh-CN'}, visibilityState: 'hidden', addEventListener() {}};

const module = (name) => import(pathToFileURL(`${PAGES}js/${name}.js`));
const {colourAt, now, setClock, usedAt, withTimes} = await module('clock');
const {niceMax} = await module('chart');
const {dateTimeText, durationText, isoAt, limitText, percentText, t} = await module('i18n');

const row = (some) => withTimes({due: '2026-10-08T16:40:00+08:00', warn: '2026-10-08T15:04:00+08:00', warn_bp: 8000, used_bp: 5000, ...some}, '2026-10-08T11:00:00+08:00');
const at = (time) => Date.parse(`2026-10-08T${time}+08:00`);

test('the bar meets what the server told, and is straight between', () => {
  const one = row();
  assert.equal(usedAt(one, at('11:00:00')), 5000);
  assert.equal(usedAt(one, at('13:02:00')), 6500);
  assert.equal(usedAt(one, at('15:04:00')), 8000);
  assert.equal(usedAt(one, at('15:52:00')), 9000);
  assert.equal(usedAt(one, at('16:40:00')), 10000);
  assert.equal(usedAt(one, at('23:00:00')), 10000);
  assert.equal(usedAt(one, at('10:00:00')), 5000); // a clock that went back
});

test('it turns yellow and red at the very second', () => {
  const one = row();
  assert.deepEqual(['15:03:59', '15:04:00', '16:39:59', '16:40:00'].map((time) => colourAt(one, at(time))), ['calm', 'yellow', 'yellow', 'red']);
});

test('without a warning it is yellow from 80 %, without a due nothing runs', () => {
  const one = row({warn: null});
  assert.equal(colourAt(one, at('14:23:59')), 'calm');
  assert.equal(colourAt(one, at('14:24:00')), 'yellow');
  assert.equal(colourAt(row({due: null, used_bp: null}), at('23:00:00')), 'none');
  assert.equal(usedAt(row({due: null, used_bp: null}), at('12:00:00')), null);
});

test('an urgent limit warns at half, and what was late when it was told stays so', () => {
  assert.equal(usedAt(row({warn_bp: 5000, used_bp: 2000, warn: '2026-10-08T12:00:00+08:00'}), at('12:00:00')), 5000);
  const late = withTimes({...row({used_bp: 23000})}, '2026-10-09T11:00:00+08:00');
  assert.equal(usedAt(late, at('23:59:00')), 23000);
  assert.equal(colourAt(late, at('23:59:00')), 'red');
});

test('the clock is the server\'s, and does not shake', () => {
  setClock('2026-10-08T11:00:00+08:00', 1);
  assert.ok(Math.abs(now() - at('11:00:00')) < 1000);
  const shown = now();
  setClock('2026-10-08T10:59:59+08:00');
  assert.ok(now() >= shown);
  setClock('2026-10-07T11:00:00+08:00');
  assert.ok(now() < shown - 80000000);
  setClock('nonsense');
});

test('times are written as the city\'s clocks show them', () => {
  setClock('2026-10-08T11:00:00+08:00', 1);
  assert.equal(dateTimeText('2026-10-08T16:40:00+08:00'), '今天 16:40');
  assert.equal(dateTimeText('2026-10-09T08:00:00+08:00'), '明天 08:00');
  assert.equal(dateTimeText('2026-10-07T08:00:00+08:00'), '昨天 08:00');
  assert.equal(dateTimeText('2026-12-31T23:59:00+08:00'), '12月31日 23:59');
  assert.equal(dateTimeText('2027-01-01T00:00:00+08:00'), '2027年1月1日 00:00');
  assert.equal(dateTimeText(null), '–');
  assert.equal(isoAt(at('16:40:00')), '2026-10-08T16:40:00+08:00');
});

test('durations have two units at most and are rounded down', () => {
  const texts = [59000, 60000, 3600000, 3660000, 86400000, 90000000, 89999999, -3660000].map(durationText);
  assert.deepEqual(texts, ['59 秒', '1 分钟', '1 小时', '1 小时 1 分', '1 天', '1 天 1 小时', '1 天', '1 小时 1 分']);
});

test('rates are rounded down, and nothing of nothing is no rate', () => {
  assert.deepEqual([percentText(6666, 2), percentText(9999, 0), percentText(0, 1), percentText(null)], ['66.66%', '99%', '0.0%', '—']);
});

test('limits in words, in both languages', () => {
  assert.equal(limitText('1uh+3wd'), '1 小时 + 3 个工作日');
  document.documentElement.lang = 'en';
  assert.equal(limitText('1uh+3wd'), '1 hour + 3 working days');
  assert.equal(limitText('odd'), 'odd');
  assert.equal(t('board.news', {n: 1}), 'One new incident');
  assert.equal(t('board.news', {n: 2}), '2 new incidents');
  document.documentElement.lang = 'zh-CN';
});

test('the scale of a chart is not much higher than its highest line, and its quarters are whole', () => {
  for (const [value, top] of [[0, 4], [1, 4], [4, 4], [5, 8], [44, 60], [100, 100], [101, 120], [227, 240], [300, 320], [40000, 40000], [40001, 60000]])
    assert.equal(niceMax(value), top, String(value));
});
