// The connection is lost while a board is open: on the way, behind the server, or with it. The page says so, and then has everything again.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {Browser} from './browser.mjs';
import {card, column, comeIn, isLive, signIn} from './people.mjs';
import {City, USERS} from './real.mjs';
import {Relay} from './relay.mjs';

const OFFLINE = /^连接已断开，内容停留在/;

let city, browser, relay;

before(async () => {
  city = await City.start();
  relay = await new Relay().start(city.port);
  browser = await Browser.start();
});

after(async () => {
  await browser?.stop();
  await relay?.cut();
  await city?.stop();
});

/** A live board that notes what its page asks for, and can tell whether it was loaded anew. */
async function watch(address, user = 'jiedao') {
  const page = await comeIn(browser, address, user);
  await isLive(page);
  page.asked = [];
  page.on('request', (request) => page.asked.push(request));
  await page.evaluate(() => {
    window.sameAsBefore = true;
  });
  return page;
}

const isOffline = (page) => page.getByText(OFFLINE).waitFor();
const isSame = (page) => page.evaluate(() => window.sameAsBefore === true);

async function isBack(page) {
  await page.getByText(OFFLINE).waitFor({state: 'hidden'});
  await isLive(page);
}

/** The places in the journal from which the page has asked for its stream since. */
async function streamsAfter(page) {
  const streams = page.asked.filter((request) => new URL(request.url()).pathname === '/api/stream');
  const heads = await Promise.all(streams.map((request) => request.allHeaders().then((headers) => headers['last-event-id'])));
  return streams.map((request, index) => Number(heads[index] ?? new URL(request.url()).searchParams.get('after')));
}

const boardsRead = (page) => page.asked.filter((request) => /\/api\/board\?.*limit=/.test(request.url())).length;

test('the way to the server is cut: what came meanwhile follows, each entry once', async () => {
  const page = await watch(relay.address);
  const before = await city.report('先到的一件');
  await card(page, '待接单', '先到的一件').waitFor();
  await relay.cut();
  await isOffline(page);
  const texts = ['断开时的第一件', '断开时的第二件', '断开时的第三件'];
  for (const text of texts)
    await city.report(text);
  await (await city.user('li')).act(before, 'accept');
  assert.equal(await column(page, '待接单').getByRole('link').count(), 1, 'what was there stays to be read');
  await relay.mend();
  await isBack(page);
  for (const text of texts)
    await card(page, '待接单', text).waitFor();
  await card(page, '处置中', '先到的一件').waitFor();
  assert.equal(await card(page, '待接单', '先到的一件').count(), 0);
  assert.ok(await isSame(page), 'nobody loaded the page anew');
  assert.equal(boardsRead(page), 0, 'nor the board: the stream had it all');
  const after = await streamsAfter(page);
  assert.ok(after.length > 0 && after.every((seq) => seq > 8), `the stream went on where it had come to, not from ${after}`);
  await page.context().close();
});

test('the daemon is killed behind the server: the page knows, and goes on when it is back', async () => {
  const page = await watch(city.address);
  await city.kill('daemon');
  await isOffline(page);
  await city.startDaemon();
  await city.report('刚恢复就来的一件');
  await isBack(page);
  await card(page, '待接单', '刚恢复就来的一件').waitFor();
  assert.ok(await isSame(page));
  assert.equal(boardsRead(page), 0);
  await city.whenReady();
  await page.context().close();
});

test('the server is killed: sessions are gone with it, and who signs in again has missed nothing', async () => {
  const page = await watch(city.address);
  await city.kill('web');
  await isOffline(page);
  await city.report('服务停着时的一件');
  await city.startWeb();
  await page.getByText('登录已失效，请重新登录。').waitFor();
  await signIn(page, 'jiedao');
  await isLive(page);
  await card(page, '待接单', '服务停着时的一件').waitFor();
  assert.ok(await isSame(page));
  await page.context().close();
});

test('somebody is taken out of the users: what is open ends, and there is no way back in', async () => {
  const page = await watch(city.address, 'shizheng'), other = await watch(city.address);
  const rest = Object.fromEntries(Object.entries(USERS).filter(([user]) => user !== 'shizheng'));
  const ended = new Promise((resolve) => {
    for (const end of ['requestfinished', 'requestfailed']) // whichever end was the faster one
      page.on(end, (request) => request.url().includes('/api/stream') && resolve());
  });
  city.setUsers(rest);
  city.reload();
  await page.getByText('登录已失效，请重新登录。').waitFor();
  await ended;
  assert.equal(await page.getByRole('link', {name: '刚恢复就来的一件'}).count(), 0, 'nothing is left to be read');
  await signIn(page, 'shizheng');
  await page.getByText('用户名或密码不对').waitFor();
  await city.report('别人照常收到');
  await card(other, '待接单', '别人照常收到').waitFor();
  await other.context().close();
  await page.context().close();
});
