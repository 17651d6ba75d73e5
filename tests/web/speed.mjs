// How soon the first board is there, and how long frames take while a column is scrolled. Measured, never asserted.
import {loadavg} from 'node:os';
import {Browser} from './browser.mjs';
import {openSite, words} from './site.mjs';

const USAGE = `usage: tests/web/run.sh SOURCE BUILD speed.mjs [--incidents N] [--address URL --user NAME] [--rounds N]

Opens the board of all open incidents and prints, in ms: from navigation to the first cards drawn, and the frames of
scrolling through a column; of both also what the page's thread itself had of the processor, which other work does not change. Of the mock with N incidents (100000), or of the server at URL, which must be of loopback or https;
the password is taken from GP_PASSWORD.`;
const FRAMES = 240, STEP_PX = 360;

const {values} = words(USAGE, {rounds: {type: 'string', default: '5'}});

function part(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

function row(name, times) {
  const sorted = [...times].sort((a, b) => a - b);
  console.log(`| ${name} | ${[part(sorted, 0.5), part(sorted, 0.95), sorted.at(-1)].map((one) => one.toFixed(1)).join(' | ')} |`);
}

/** From navigation until the frame after the first cards. */
function drawn(page) {
  return page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now())))));
}

/** The column with the most cards, scrolled by so many pixels before each frame; 0: what a frame takes for nothing. */
function frames(page, step) {
  return page.evaluate(async ([count, pixels]) => {
    const lists = [...document.querySelectorAll('.column .virtual')].sort((a, b) => b.scrollHeight - a.scrollHeight);
    const times = [];
    let last = performance.now();
    for (let i = 0; i < count; i++) {
      lists[0].scrollTop += pixels;
      await new Promise(requestAnimationFrame);
      const now = performance.now();
      times.push(now - last);
      last = now;
    }
    return times;
  }, [FRAMES, step]);
}

/** Processor time that the page's thread has had since it was loaded, ms. */
async function spent(session) {
  const {metrics} = await session.send('Performance.getMetrics');
  return metrics.find((one) => one.name === 'TaskDuration').value * 1000;
}

const site = await openSite(values, {incidents: 100000}), browser = await Browser.start();
const page = await browser.open(`${site.address}/p/board?all=1`, {});
await site.enter(page);
await page.goto(`${site.address}/p/board?all=1`);
await page.waitForSelector('.card');
const session = await page.context().newCDPSession(page);
await session.send('Performance.enable', {timeDomain: 'threadTicks'});
const first = [], firstSpent = [], scrolled = [], scrolledSpent = [], idle = [];
for (let round = 0; round < Number(values.rounds); round++) {
  const before = await spent(session);
  await page.reload();
  await page.waitForSelector('.card');
  first.push(await drawn(page));
  const loaded = await spent(session);
  firstSpent.push(loaded - before);
  idle.push(...await frames(page, 0));
  const rested = await spent(session);
  scrolled.push(...await frames(page, STEP_PX));
  scrolledSpent.push((await spent(session) - rested) / FRAMES);
}
console.log(`${await page.locator('.page-count').textContent()}; load ${loadavg()[0].toFixed(1)}; cards that exist: ${await page.locator('.card').count()}\n`);
console.log('| ms | median | p95 | most |\n| --- | --- | --- | --- |');
row('navigation to the first cards', first);
row('… the page\'s own', firstSpent);
row('a frame of scrolling', scrolled);
row('… the page\'s own, the mean of a round', scrolledSpent);
row('a frame of nothing', idle);
await browser.stop();
await site.stop();
