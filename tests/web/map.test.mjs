// The map with outlines of a real city: the 13 community districts of Manhattan, islands and all (tests/data/README.md).
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {test} from 'node:test';
import {Browser, DESK, PHONE} from './browser.mjs';
import {Mock} from './mock.mjs';

const FILE = `${process.env.GP_SOURCE ?? new URL('../../', import.meta.url).pathname}tests/data/manhattan.geojson.xz`;
const DRAWN_CHARS_MAX = 400000, NAME_PX = [11, 18];

test('outlines of a real city', async () => {
  const {features} = JSON.parse(execFileSync('xz', ['-dc', FILE], {maxBuffer: 1 << 26}).toString('utf8'));
  const mock = new Mock({incidents: 10}), address = await mock.start(), browser = await Browser.start();
  const codes = features.map((one) => `340${one.properties.BoroCD}`);
  const counts = (area, i) => ({area, department: null, open: i, running: 0, yellow: i % 5, overdue: i % 2 ? i : 0, still: 0, soon: 0});
  mock.city.directory.areas = codes.map((code, i) => ({code, level: 'community', name: `区 ${i + 1}`, parent: '340705'})).concat({code: '340705', level: 'district', name: '全区', parent: null}).reverse();
  mock.faults.set('/geo', {status: 200, body: {type: 'FeatureCollection', features: features.map((one, i) => ({...one, properties: {area: codes[i]}}))}});
  mock.faults.set('/summary', {status: 200, body: {area: counts('340705', 900), rows: codes.map(counts), departments: [], head: 1, now: mock.iso(mock.now())}});
  try {
    const page = await browser.open(`${address}/p/district`, {});
    await page.waitForSelector('.map path');
    const drawn = await page.evaluate(() => [...document.querySelectorAll('.map path')].map((one) => one.getAttribute('d')));
    assert.equal(drawn.length, new Set(codes).size === codes.length ? codes.length : drawn.length);
    assert.ok(drawn.every((one) => /^M[\d.]+ [\d.]+(L|Z|M)/.test(one) && !one.includes('NaN')));
    assert.ok(drawn.join('').length < DRAWN_CHARS_MAX, `${drawn.join('').length} characters of path`);
    assert.ok(await page.evaluate(() => document.querySelectorAll('.map a[data-level=red2], .map a[data-level=red3]').length) > 5);
    const box = await page.locator('.map svg').boundingBox();
    assert.ok(box.width > 300 && box.height > 300);
    for (const viewport of [DESK, PHONE]) {
      await page.setViewportSize(viewport);
      const shown = await page.evaluate(() => [...document.querySelectorAll('.map text')].slice(0, 1).map((one) => parseFloat(getComputedStyle(one).fontSize) * one.getScreenCTM().a)[0]);
      assert.ok(shown >= NAME_PX[0] && shown <= NAME_PX[1], `names of ${shown} px`);
    }
    assert.deepEqual(page.complaints, []);
    if (process.env.GP_SHOTS)
      await page.screenshot({path: `${process.env.GP_SHOTS}/map.png`, fullPage: true});
  } finally {
    await browser.stop();
    await mock.stop();
  }
});
