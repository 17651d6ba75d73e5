// The board with 100,000 open incidents: little of it exists, and it is never out of date.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {Browser, PHONE} from './browser.mjs';
import {Mock} from './mock.mjs';
import {until} from './wait.mjs';

const INCIDENTS = 100000;
const CARDS_MAX = 200, COLUMN_CARDS_MAX = 60;
const ALMOST_MS = 1000; // the page comes over the rest by itself
const ASKED_MAX = 12; // a page of each column, and perhaps a second one

let mock, browser, address;

before(async () => {
  mock = new Mock({incidents: INCIDENTS});
  address = await mock.start();
  browser = await Browser.start();
});

after(async () => {
  await browser?.stop();
  await mock?.stop();
});

const everything = `/p/board?all=1`;
const card = (page, number) => page.locator(`.card[data-number="${number}"]`);
const columnOf = (page, number) => card(page, number).evaluate((one) => one.closest('.column').dataset.column);

/* ---------------------------------------------------------------- what makes it fast */

// speed.mjs measures; these are what its figures rest on.
test('of 100,000 only what is in sight is asked for and exists', async () => {
  const before = mock.asked.length;
  const page = await browser.open(address + everything, {});
  await page.waitForSelector('[data-column=doing] .card');
  await page.waitForSelector('.live[data-state=live]');
  assert.equal((await page.locator('.page-count').textContent()).replace(/\D/g, ''), String(INCIDENTS));
  assert.ok(await page.locator('.card').count() < CARDS_MAX);
  const asked = mock.asked.slice(before).filter((one) => one.path === '/board');
  assert.ok(asked.length <= ASKED_MAX, `${asked.length} requests`);
  assert.ok(asked.every((one) => Number(one.query.limit ?? 60) <= 60));
  const last = () => page.evaluate(() => {
    const list = document.querySelector('[data-column=doing] .virtual');
    list.scrollTop = list.scrollHeight;
    return Math.max(...[...list.querySelectorAll('.virtual-row')].map((one) => Number(one.ariaPosInSet)));
  });
  await until(async () => await last() > 200); // page after page
  assert.ok(await page.locator('[data-column=doing] .card').count() < COLUMN_CARDS_MAX);
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

/** What comes to this grid then is alone: nothing pushes it out of sight. */
function empty(area) {
  [...mock.rows.values()].filter((row) => row.area === area).forEach((row) => mock.rows.delete(row.incident));
  mock.sorted.clear();
}

/* ---------------------------------------------------------------- order and time */

test('the soonest due is first, also across pages', async () => {
  const page = await browser.open(address + everything, {});
  await page.waitForSelector('[data-column=todo] .card');
  await page.evaluate(() => {
    document.querySelector('[data-column=todo] .virtual').scrollTop = 55 * 152;
  });
  await page.waitForSelector('[data-column=todo] [aria-posinset="62"]');
  const shown = await page.evaluate(() => [...document.querySelectorAll('[data-column=todo] .virtual-row')].sort((a, b) => a.ariaPosInSet - b.ariaPosInSet).map((one) => Number(one.querySelector('.card').dataset.number)));
  const dues = shown.map((number) => mock.rows.get(number).dueMs);
  assert.deepEqual(dues, [...dues].sort((a, b) => a - b));
  await page.context().close();
});

test('a server that cannot sort: the page reads all, and the order is the same', async () => {
  mock.sorts = false;
  mock.sorted.clear();
  const page = await browser.open(`${address}/p/board?area=340705005`, {});
  await page.waitForSelector('.card');
  const expected = [...mock.rows.values()].filter((row) => row.area.startsWith('340705005') && ['accepted', 'rework'].includes(row.state)).sort((a, b) => (a.dueMs ?? Infinity) - (b.dueMs ?? Infinity));
  await until(async () => await page.locator('[data-column=doing] .column-count').innerText().then((text) => text.replace(',', '')) === String(expected.length));
  const shown = await page.evaluate(() => [...document.querySelectorAll('[data-column=doing] .virtual-row')].sort((a, b) => a.ariaPosInSet - b.ariaPosInSet).map((one) => Number(one.querySelector('.card').dataset.number)));
  assert.deepEqual(shown, expected.slice(0, shown.length).map((row) => row.incident));
  assert.ok(mock.asked.filter((one) => one.path === '/board' && one.query.state === undefined && one.query.area === '340705005').length > 10);
  assert.deepEqual(page.complaints, []);
  mock.sorts = true;
  mock.sorted.clear();
  await page.context().close();
});

test('an incident arrives, turns yellow and red by itself, is accepted elsewhere, and goes', async () => {
  empty('340705001005001');
  const page = await browser.open(`${address}/p/board?area=340705001005001`, {motion: true});
  await page.waitForSelector('.live[data-state=live]');
  const now = mock.now();
  const row = mock.report({area: '340705001005001', warnMs: now + 120000, dueMs: now + 240000, allowance: 600000, text: '路面塌陷'});
  await card(page, row.incident).waitFor();
  assert.equal(await columnOf(page, row.incident), 'todo');
  const colour = () => card(page, row.incident).getAttribute('data-colour');
  const shape = () => card(page, row.incident).locator('.bar-left').evaluate((one) => getComputedStyle(one, '::before').clipPath);
  assert.equal(await colour(), 'calm');
  mock.pass(row.warnMs - mock.now() - ALMOST_MS);
  await until(async () => await colour() === 'yellow');
  const triangle = await shape(); // colours are not for everybody: a shape and a word say the same
  assert.match(triangle, /^polygon/);
  assert.match(await card(page, row.incident).textContent(), /已预警/);
  mock.pass(row.dueMs - mock.now() - ALMOST_MS);
  await until(async () => await colour() === 'red');
  assert.match(await shape(), /^polygon/);
  assert.notEqual(await shape(), triangle);
  assert.match(await card(page, row.incident).innerText(), /超 \d+ (秒|分)/);
  mock.set({...row, state: 'accepted', version: 2});
  mock.write(mock.rows.get(row.incident), 'accepted');
  await page.locator(`[data-column=doing] .card[data-number="${row.incident}"]`).waitFor();
  mock.set({...row, state: 'closed', version: 5});
  mock.write(mock.rows.get(row.incident), 'closed');
  await card(page, row.incident).waitFor({state: 'detached'});
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test('what an extension moves goes to its new place', async () => {
  const page = await browser.open(`${address}/p/board?area=340705002`, {});
  await page.waitForSelector('.live[data-state=live]');
  const row = mock.report({area: '340705002001001', dueMs: mock.now() - 1000 * 3600 * 60, warnMs: null, state: 'accepted'});
  await card(page, row.incident).waitFor();
  assert.equal(await card(page, row.incident).evaluate((one) => one.closest('li').ariaPosInSet), '1');
  mock.set({...row, dueMs: mock.now() + 1000 * 3600 * 2000});
  mock.write(mock.rows.get(row.incident), 'extended');
  await card(page, row.incident).waitFor({state: 'detached'}); // far below what is in sight
  await page.context().close();
});

test('what happens to cards that were not read yet is counted once', async () => {
  const page = await browser.open(`${address}/p/board?area=340705002`, {});
  await page.waitForSelector('.live[data-state=live]');
  const count = async (column) => Number((await page.locator(`[data-column=${column}] .column-count`).textContent()).replace(/\D/g, ''));
  const far = [...mock.rows.values()].filter((row) => row.area.startsWith('340705002') && row.state === 'accepted').sort((a, b) => b.dueMs - a.dueMs)[0];
  const before = await count('doing');
  assert.equal(await card(page, far.incident).count(), 0);
  mock.write(far, 'noted');
  const near = mock.report({area: '340705002001001', dueMs: mock.now() - 1000 * 3600 * 60, warnMs: null, state: 'accepted'});
  await card(page, near.incident).waitFor();
  assert.equal(await count('doing'), before + 1);
  mock.set({...near, state: 'closed'});
  mock.write(mock.rows.get(near.incident), 'closed');
  await card(page, near.incident).waitFor({state: 'detached'});
  assert.equal(await count('doing'), before);
  await page.context().close();
});

/* ---------------------------------------------------------------- lost and caught up */

test('a browser that was away misses nothing', async () => {
  const page = await browser.open(`${address}/p/board?area=340705003`, {});
  await page.waitForSelector('.live[data-state=live]');
  mock.down = true;
  mock.cutStreams();
  await page.waitForSelector('.live[data-state=waiting]');
  const missed = mock.report({area: '340705003001001', dueMs: mock.now() - 1000 * 3600 * 50, warnMs: null});
  await page.waitForSelector('.offline:not([hidden])');
  assert.match(await page.locator('.offline').innerText(), /连接已断开/);
  mock.down = false;
  await card(page, missed.incident).waitFor();
  await page.waitForSelector('.live[data-state=live]');
  assert.equal(await page.locator('.offline').isHidden(), true);
  const seq = mock.journal.find((entry) => entry.incident === missed.incident).seq;
  const came = mock.asked.filter((one) => one.path === '/stream').pop();
  const after = Number(came.lastEventId ?? came.query.after);
  assert.ok(after < seq, `asked after ${after}, missed ${seq}`);
  await page.context().close();
});

test('a journal that is behind the browser is another one: all is read anew', async () => {
  const page = await browser.open(`${address}/p/board?area=340705004`, {});
  await page.waitForSelector('.live[data-state=live]');
  const head = mock.head, asked = mock.asked.length;
  mock.head = 10;
  mock.cutStreams();
  await until(() => mock.asked.slice(asked).filter((one) => one.path === '/board' && one.query.state === 'verified').length > 0);
  mock.head = head;
  await page.context().close();
});

/* ---------------------------------------------------------------- going about */

test('by keyboard: into a column, along it, across, into an incident and back to where it was', async () => {
  const page = await browser.open(address + everything, {});
  await page.waitForSelector('[data-column=doing] .card');
  await page.locator('[data-column=todo] .card[tabindex="0"]').focus();
  const place = () => page.evaluate(() => [document.activeElement.closest('.column')?.dataset.column, document.activeElement.closest('li')?.ariaPosInSet]);
  for (let i = 0; i < 12; i++)
    await page.keyboard.press('ArrowDown');
  assert.deepEqual(await place(), ['todo', '13']);
  await page.keyboard.press('End');
  assert.deepEqual((await place())[0], 'todo');
  await page.keyboard.press('Home');
  assert.deepEqual(await place(), ['todo', '1']);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowRight');
  assert.deepEqual(await place(), ['doing', '2']);
  await page.keyboard.press('PageDown');
  const number = await page.evaluate(() => document.activeElement.dataset.number);
  await page.keyboard.press('Enter');
  await page.waitForSelector('.timeline .entry');
  assert.ok(page.url().endsWith(`/p/incident/${number}`));
  assert.equal(await page.evaluate(() => document.activeElement.tagName), 'H1');
  const boards = mock.asked.filter((one) => one.path === '/board').length;
  await page.goBack();
  await until(async () => await page.evaluate(() => document.activeElement.dataset.number) === number);
  assert.ok(mock.asked.filter((one) => one.path === '/board' && one.query.state !== undefined).length <= boards, 'the board was kept');
  await page.context().close();
});

/** Whether the window shows all of the page: what scrolls is the column. */
function fits(page) {
  return page.evaluate(() => document.documentElement.scrollHeight <= innerHeight);
}

test('a long name keeps room beside what is urgent and in arbitration', async () => {
  empty('340705002001001');
  const row = mock.report({state: 'arbitration', area: '340705002001001', category: '06-01', urgent: true, dueMs: null, warnMs: null});
  const page = await browser.open(`${address}/p/board?area=340705002001001`, {locale: 'en-GB'});
  await card(page, row.incident).waitFor();
  assert.ok((await card(page, row.incident).locator('.card-title').boundingBox()).width > 60);
  assert.match(await card(page, row.incident).innerText(), /In arbitration/);
  await page.context().close();
});

test('on a phone one column at a time, chosen by its tab', async () => {
  const page = await browser.open(address + everything, {viewport: PHONE, touch: true});
  await page.waitForSelector('[data-column=todo] .card');
  assert.equal(await page.locator('.column:visible').count(), 1);
  await page.tap('.board-tabs [data-column=check]');
  await page.waitForSelector('[data-column=check] .card');
  assert.equal(await page.locator('.board-tabs [aria-pressed=true]').innerText().then((text) => text.includes('待核查')), true);
  assert.ok((await page.locator('.filters .toggle').last().boundingBox()).x < PHONE.width - 20, 'that there is more to the right can be seen');
  assert.equal(await fits(page), true);
  await page.context().setOffline(true);
  await page.waitForSelector('.offline:not([hidden])');
  assert.equal(await fits(page), true, 'with the banner, too');
  assert.equal(await page.getAttribute('.live', 'data-state'), 'waiting');
  await page.context().close();
});

test('filters ask for what they say, are kept in the address and the next time', async () => {
  const page = await browser.open(`${address}/p/board`, {});
  await page.waitForSelector('.card');
  assert.match(page.url(), /area=340705002/); // the user's own
  await page.selectOption('.filters select', 'SZ');
  await until(() => mock.asked.some((one) => one.path === '/board' && one.query.department === 'SZ' && one.query.area === '340705002'));
  await page.fill('.filters .picker input', '狮子山');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await until(() => page.url().includes('area=340705003'));
  await page.click('.filters .toggle:has-text("已超期")');
  await until(() => page.url().includes('overdue=1'));
  await page.goto(`${address}/p/board`);
  await page.waitForSelector('.filters');
  assert.match(page.url(), /area=340705003.*department=SZ.*overdue=1/);
  await page.context().close();
});
