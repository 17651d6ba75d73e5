// What the pages promise is kept: the steps to come and whom they tell, and that no link leads to a refusal.
import assert from 'node:assert/strict';
import {after, before, describe, test} from 'node:test';
import {Browser} from './browser.mjs';
import {comeIn} from './people.mjs';
import {City, GRID, HOUR_MS, USERS} from './real.mjs';
import {until} from './wait.mjs';

const SAME_AB = '340705006001001'; // whose grid officer is the A post, too
const DAY_MS = 24 * HOUR_MS;

let city, desk;

before(async () => {
  city = await City.start();
  desk = await city.user('jiedao');
});

after(() => city?.stop());

const report = async (category, grid = SAME_AB) => (await desk.act('', '', {grid, category, condition: 'default', text: '网格巡查'})).incident;
const told = (recipients) => recipients.map((one) => `${one.person} ${one.post} ${one.capacity} ${one.path}`).sort();

/** Lets all come that is ahead of an incident, and holds it against what was said: every step, when, and whom it tells. */
async function comesTrue(number, steps) {
  const {ahead} = await desk.get(`/api/incidents/${number}`);
  assert.deepEqual(ahead.map((one) => one.step), steps);
  for (const one of ahead) {
    const {now} = await desk.get('/api/me');
    city.pass(Math.max(0, Date.parse(one.at) - Date.parse(now)) + 1000);
    let entry;
    await until(async () => (entry = (await desk.get(`/api/incidents/${number}`)).timeline.find((each) => each.step === one.step)) !== undefined);
    assert.equal(entry.nominal, one.at, one.step);
    assert.deepEqual(told(one.recipients), told(entry.recipients), one.step);
  }
  return ahead;
}

describe('what is still to come of an incident comes so', () => {
  test('nobody accepts it', async () => {
    const ahead = await comesTrue(await report('n2'), ['unaccepted', 'yellow', 'red', 'blue', 'orange', 'card', 'repeat']);
    assert.deepEqual(ahead.map((one) => one.every), [null, null, null, null, null, null, '8wh']);
  });

  test('nobody accepts what is urgent', async () => {
    await comesTrue(await report('u2'), ['unaccepted', 'yellow', 'red', 'blue', 'card', 'repeat']);
  });

  test('nobody rules on what was returned', async () => {
    const number = await report('l5');
    await (await city.user('li')).act(number, 'return', {reason: 'wrong_line'});
    const {ahead} = await desk.get(`/api/incidents/${number}`);
    assert.ok(ahead.every((one) => one.recipients.length > 0), JSON.stringify(ahead));
    const late = ahead.find((one) => one.step === 'dispatch_late');
    assert.deepEqual(late.recipients.map((one) => one.capacity), ['S1']);
  });

  test('nobody checks what was finished', async () => {
    const number = await report('n4', GRID);
    const li = await city.user('li');
    await li.act(number, 'finish', {text: '已清理'});
    await comesTrue(number, ['verify_late']);
  });

  test('what was suspended goes on', async () => {
    const number = await report('l5', GRID);
    const {now} = await desk.get('/api/me');
    await desk.act(number, 'suspend', {until: new Date(Date.parse(now) + 10 * DAY_MS).toISOString().slice(0, 10), text: '待材料'});
    const {ahead} = await desk.get(`/api/incidents/${number}`);
    const notice = ahead.find((one) => one.step === 'resume_notice');
    assert.deepEqual(notice.recipients.map((one) => one.capacity), ['A', 'SK']);
  });
});

describe('no link in the frame leads to a refusal, nor does its search', () => {
  let browser;

  before(async () => {
    browser = await Browser.start();
  });

  after(() => browser?.stop());

  for (const user of Object.keys(USERS).filter((one) => one !== 'guanli')) {
    test(user, async () => {
      const page = await comeIn(browser, city.address, user);
      for (const link of await page.getByRole('navigation', {name: '主导航'}).getByRole('link').all()) {
        await link.click();
        await page.locator('nav.side [aria-current=page]').waitFor();
        await page.waitForFunction(() => document.querySelector('#main .skeleton') === null);
        assert.equal(await page.locator('#main .state-error, #main .column-error').count(), 0, `${user}: ${page.url()} ${await page.locator('#main').innerText()}`);
      }
      await page.getByRole('search').getByRole('searchbox').fill('网格巡查');
      await page.keyboard.press('Enter');
      await page.getByRole('link', {name: '网格巡查'}).first().waitFor(); // what was reported above is of all of them
      assert.deepEqual(page.complaints, []);
      await page.context().close();
    });
  }
});
