// What tests/bench/board.py has measured in a browser: from navigation to the first cards, and frames while the board is scrolled.
// From the environment: GP_ADDRESS of gridpost-web, GP_BOARD (the board's path), GP_USER, GP_PASSWORD.
import {Browser} from './browser.mjs';

const ROUNDS = 7;
const FRAMES = 240;
const STEP = 360; // pixels before each frame: a card is 152 high

const {GP_ADDRESS: address, GP_BOARD: board, GP_USER: user, GP_PASSWORD: password} = process.env;

function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

async function signIn(page) {
  await page.fill('input[name=user]', user);
  await page.fill('input[name=password]', password);
  await page.click('button[type=submit]');
  await page.waitForSelector('.card');
  page.complaints.length = 0; // that nobody was signed in
}

/** Ms from navigation to the frame in which the first cards are, and to the one in which all columns are counted. */
function untilShown(page) {
  return page.evaluate(async () => {
    const shown = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(Math.round(performance.now())))));
    const until = async (check) => {
      while (!check())
        await new Promise(requestAnimationFrame);
      return shown();
    };
    const cards = await until(() => document.querySelector('.card') !== null);
    const all = await until(() => [...document.querySelectorAll('.column-count')].every((one) => one.textContent !== '…'));
    return {cards, all};
  });
}

/** Frames of the longest column while it is scrolled through pages that are not there yet. */
function frames(page, count, pixels) {
  return page.evaluate(async ([n, step]) => {
    const rows = (one) => Number(one.querySelector('.column-count').textContent.replace(/\D/g, ''));
    const column = [...document.querySelectorAll('.column')].sort((a, b) => rows(b) - rows(a))[0];
    const list = column.querySelector('.virtual'), times = [];
    let last = performance.now();
    for (let i = 0; i < n; i++) {
      list.scrollTop += step;
      await new Promise(requestAnimationFrame);
      const now = performance.now();
      times.push(now - last);
      last = now;
    }
    times.sort((a, b) => a - b);
    return {p50: times[n >> 1], p95: times[Math.floor(n * 0.95)], max: times[n - 1], cards: Math.round(list.scrollTop / 152)};
  }, [count, pixels]);
}

const browser = await Browser.start();
try {
  const page = await browser.open(address + board, {});
  await signIn(page);
  const first = [], all = [];
  for (let i = 0; i < ROUNDS; i++) {
    await page.reload({waitUntil: 'commit'});
    const shown = await untilShown(page);
    first.push(shown.cards);
    all.push(shown.all);
  }
  console.log(`first cards after ${first.join(' ')} ms, median ${median(first)}; all columns after ${all.join(' ')} ms, median ${median(all)}`);
  console.log(`total: ${await page.locator('.page-count').textContent()}`);
  await page.waitForSelector('.live[data-state=live]');
  for (let i = 0; i < 3; i++) {
    const idle = await frames(page, 60, 0), moving = await frames(page, FRAMES, STEP);
    console.log(`frames while scrolling: p50 ${moving.p50.toFixed(1)}, p95 ${moving.p95.toFixed(1)}, max ${moving.max.toFixed(1)} ms, ${moving.cards} cards down; of a board that stands still p95 ${idle.p95.toFixed(1)} ms`);
  }
  if (page.complaints.length > 0)
    throw new Error(page.complaints.join('\n'));
} finally {
  await browser.stop();
}
