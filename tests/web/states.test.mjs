// Signing in and out, and the states that are easily forgotten: nothing there, still coming, out of reach, refused.
import assert from 'node:assert/strict';
import {after, before, beforeEach, test} from 'node:test';
import {Browser, PHONE} from './browser.mjs';
import {Mock} from './mock.mjs';
import {until} from './wait.mjs';

let mock, browser, address;

before(async () => {
  mock = new Mock({incidents: 300});
  address = await mock.start();
  browser = await Browser.start();
});

after(async () => {
  await browser?.stop();
  await mock?.stop();
});

beforeEach(() => {
  mock.faults.clear();
  mock.user = 'wang';
});

const PAGES = [['/p/board', '/board'], ['/p/incident/7', '/incidents'], ['/p/district', '/summary'], ['/p/escalations', '/escalations'], ['/p/people', '/people'], ['/p/assess', '/assess'], ['/p/search?q=a', '/search']];

/* ---------------------------------------------------------------- in and out */

async function signIn(page, user, password) {
  await page.fill('input[name=user]', user);
  await page.fill('input[name=password]', password);
  await page.click('button[type=submit]');
}

test('signing in: wrong, then right, then where one wanted to go', async () => {
  mock.user = null;
  const page = await browser.open(`${address}/p/people`, {});
  await page.waitForSelector('.sign-form');
  assert.equal(await page.evaluate(() => document.activeElement.name), 'user');
  await signIn(page, 'wang', 'no');
  await page.waitForSelector('.form-error:has-text("用户名或密码不对")');
  await signIn(page, 'wang', 'demo');
  await page.waitForSelector('.page-people');
  await page.click('.menu summary');
  await page.click('text=退出登录');
  await page.waitForSelector('.sign-form');
  assert.equal(mock.user, null);
  await page.context().close();
});

test('an admin is asked for a code of six digits, too', async () => {
  mock.user = null;
  const page = await browser.open(address, {viewport: PHONE});
  await page.waitForSelector('.sign-form');
  await signIn(page, 'admin', 'demo');
  await page.waitForSelector('input[name=totp]:visible');
  assert.equal(await page.evaluate(() => document.activeElement.name), 'totp');
  await page.keyboard.type('000000');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.form-error:has-text("验证码不对")');
  await page.keyboard.type('123456');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.page-board');
  await page.context().close();
});

test('a session that ends from outside ends here: stream, page and all', async () => {
  const page = await browser.open(`${address}/p/board`, {});
  await page.waitForSelector('.live[data-state=live]');
  mock.endSession();
  await page.waitForSelector('.sign-form .notice');
  assert.equal(await page.locator('.card').count(), 0);
  const streams = mock.asked.filter((one) => one.path === '/stream').length;
  await signIn(page, 'wang', 'demo');
  await page.waitForSelector('.live[data-state=live]');
  assert.equal(mock.asked.filter((one) => one.path === '/stream').length, streams + 1);
  await page.context().close();
});

test('a stream that ends for another reason than the session does not end the session', async () => {
  const page = await browser.open(`${address}/p/board`, {});
  await page.waitForSelector('.live[data-state=live]');
  const streams = () => mock.asked.filter((one) => one.path === '/stream').length, before = streams();
  mock.streams.forEach(({response}) => response.end('event: end\ndata: {"error":"no_right"}\n\n'));
  await until(() => streams() > before);
  await page.waitForSelector('.live[data-state=live]');
  assert.equal(await page.locator('.sign-form').count(), 0);
  await page.context().close();
});

test('a server that has lost its daemon says so, and the page with it', async () => {
  const page = await browser.open(`${address}/p/board`, {});
  await page.waitForSelector('.live[data-state=live]');
  mock.streams.forEach(({response}) => response.write('event: away\ndata: {}\n\n'));
  await page.waitForSelector('.offline:not([hidden])');
  await page.waitForSelector('.live[data-state=waiting]');
  mock.streams.forEach((stream) => mock.sendHead(stream));
  await page.waitForSelector('.live[data-state=live]');
  await page.locator('.offline').waitFor({state: 'hidden'});
  await page.context().close();
});

test('a change carries the token, and no GET does', async () => {
  const page = await browser.open(`${address}/p/incident/7`, {});
  await page.waitForSelector('[data-verb=note]');
  mock.csrf = 'another';
  await page.click('[data-verb=note]');
  await page.fill('dialog textarea', '备注');
  await page.click('dialog button[type=submit]');
  await page.waitForSelector('.form-error:has-text("页面已过期")');
  mock.csrf = 'token-1';
  await page.context().close();
});

/* ---------------------------------------------------------------- nothing, not yet, not at all */

test('what is still coming has the shape of what comes', async () => {
  const page = await browser.open('about:blank', {});
  for (const [path, call] of PAGES) {
    mock.faults.set(call, 'hang');
    await page.goto(address + path);
    await page.locator('.skeleton').first().waitFor();
    assert.equal(await page.locator('.skeleton .hidden').first().textContent(), '正在加载…', path);
    await page.goto('about:blank'); // what hangs has all of the browser's connections until its page is gone
  }
  await page.context().close();
});

test('what fails says so, and can be tried again', async () => {
  const page = await browser.open('about:blank', {});
  for (const [path, call] of PAGES) {
    mock.faults.set(call, {status: 403, body: {error: 'no_right', detail: 'not for this role'}});
    await page.goto(address + path);
    await page.locator('.state-error').first().waitFor();
    assert.equal((await page.locator('.state-error .button .icon').first().boundingBox()).height, 20, path);
    assert.match(await page.locator('.state-error').first().innerText(), /您的角色没有这项权限/, path);
    mock.faults.clear();
    await page.locator('.state-error .button').first().click();
    await page.waitForSelector('.card, .timeline, .tiles, .tail-row, .duty, .assess-table, .results, .state:not(.state-error)');
    assert.equal(await page.locator('.state-error').count(), 0, path);
  }
  await page.context().close();
});

test('out of reach from the start, then back', async () => {
  mock.faults.set('/me', 'cut');
  const page = await browser.open(address, {locale: 'en-US'});
  await page.waitForSelector('.state-error:has-text("The server cannot be reached")');
  mock.faults.clear();
  await page.click('.state-error .button');
  await page.waitForSelector('.card');
  await page.context().close();
});

test('out of reach in the middle: the page stays, and says from when it is', async () => {
  const page = await browser.open(`${address}/p/district`, {});
  await page.waitForSelector('.tiles');
  mock.faults.set('/summary', {status: 503, body: {error: 'unavailable', detail: null, retry_ms: 1000}});
  await page.context().setOffline(true);
  await page.waitForSelector('.offline:not([hidden])');
  assert.equal(await page.locator('.tiles').count(), 1);
  mock.faults.clear();
  await page.context().setOffline(false);
  await page.locator('.offline').waitFor({state: 'hidden'});
  await page.context().close();
});

test('nothing there is said kindly on every page', async () => {
  const rows = mock.rows;
  mock.rows = new Map();
  mock.sorted.clear();
  mock.past = [];
  const empty = {duty: [], leave: [], vacant: [], holes: [], at: mock.iso(mock.now()), now: mock.iso(mock.now())};
  mock.faults.set('/people', {status: 200, body: empty});
  mock.faults.set('/assess', {status: 200, body: {rows: [], now: mock.iso(mock.now())}});
  const page = await browser.open('about:blank', {});
  for (const [path, text] of [['/p/board?all=1', '没有未结案卷'], ['/p/district/340705001001001', '没有未结案卷'], ['/p/escalations', '没有督办'], ['/p/people', '没有可显示的人员安排'], ['/p/assess', '这段时间没有数据'], ['/p/search?q=没有', '没有找到'],
    ['/p/search', '搜索案卷'], ['/p/incident/7', '没有这个案卷'], ['/p/incident/x', '没有这个案卷'], ['/p/what', '没有这个页面']]) {
    await page.goto(address + path);
    await page.locator(`.state:has-text("${text}")`).first().waitFor();
  }
  await page.context().close();
  mock.rows = rows;
  mock.sorted.clear();
  mock.past = undefined;
});

test('the board fills by itself when the first report comes', async () => {
  const rows = mock.rows;
  mock.rows = new Map();
  mock.sorted.clear();
  const page = await browser.open(`${address}/p/board?all=1`, {});
  await page.waitForSelector('.state');
  await page.waitForSelector('.live[data-state=live]');
  mock.report();
  await page.waitForSelector('.card');
  assert.equal(await page.locator('.board-place > .state').count(), 0);
  mock.rows = rows;
  mock.sorted.clear();
  await page.context().close();
});

/* ---------------------------------------------------------------- the other pages at work */

test('district: drill down in place and by link; the map leads there, too', async () => {
  const page = await browser.open(`${address}/p/district/340705`, {});
  await page.waitForSelector('.map a');
  assert.match(await page.locator('.map text').first().textContent(), /^东郊街道\d+ \/ \d+$/); // what the colour says is also written
  await page.click('button.twist[data-area="340705001"]');
  await page.waitForSelector('tr[data-code="340705001003"]');
  await page.click('button.twist[data-area="340705001003"]');
  await page.waitForSelector('tr[data-code="340705001003002"]');
  await page.click('button.twist[data-area="340705001"]');
  assert.equal(await page.locator('tr[data-code="340705001003002"]').count(), 0);
  await page.focus('.map a[href="/p/district/340705002"]');
  await page.keyboard.press('Enter');
  await page.waitForSelector('h1:has-text("新城街道")');
  await page.click('.tile[data-part=overdue]');
  await page.waitForSelector('.page-board');
  assert.match(page.url(), /area=340705002.*overdue=1/);
  await page.context().close();
});

test('escalations: live, held while paused, filtered by kind', async () => {
  const page = await browser.open(`${address}/p/escalations?area=340705001`, {});
  await page.waitForSelector('.live[data-state=live]');
  const row = mock.report({area: '340705001001001'});
  mock.write(row, 'step', {step: 'red', nominal: mock.iso(mock.now()), late_ms: 0});
  await page.waitForSelector(`.tail-row:first-child:has-text("#${row.incident}")`);
  await page.click('text=暂停');
  mock.write(row, 'step', {step: 'blue', nominal: mock.iso(mock.now()), late_ms: 0});
  await page.waitForSelector('.held:visible');
  assert.equal(await page.locator('.tail-row').first().getAttribute('data-kind'), 'red');
  await page.click('.held');
  await until(async () => await page.locator('.tail-row').first().getAttribute('data-kind') === 'blue');
  await page.click('.toggle[data-kind=blue]');
  assert.equal(await page.locator('.tail-row[data-kind=blue]:visible').count(), 0);
  assert.ok(await page.locator('.tail-row[data-kind=red]:visible').count() > 0);
  await page.context().close();
});

test('escalations: other filters begin unpaused, and a long tail leads back to where it was cut', async () => {
  const page = await browser.open(`${address}/p/escalations?area=340705001`, {});
  await page.waitForSelector('.live[data-state=live]');
  await page.click('text=暂停');
  await page.getByLabel('部门').selectOption('SZ');
  await page.waitForSelector('.live[data-state=live]');
  await page.getByRole('button', {name: '暂停'}).waitFor();
  const row = mock.report({area: '340705001001001', department: 'SZ'});
  for (let i = 0; i < 420; i++)
    mock.write(row, 'step', {step: 'repeat', nth: i + 1, nominal: mock.iso(mock.now()), late_ms: 0});
  await until(async () => await page.locator('.tail-row').count() === 400);
  await until(async () => Number(await page.locator('.tail-row').first().getAttribute('data-seq')) === mock.head);
  await page.getByRole('button', {name: '更早'}).click();
  await until(async () => mock.asked.some((one) => one.path === '/escalations' && Number(one.query.before) === mock.head - 399));
  await page.context().close();
});

test('assessment: sorted by any column, drawn for who is ticked, downloaded as asked for', async () => {
  const page = await browser.open(`${address}/p/assess?by=department&from=2026-10-01&to=2026-11-01`, {});
  await page.waitForSelector('.chart-svg');
  const column = () => page.locator('.assess-table tbody tr td:nth-child(3)').allInnerTexts().then((all) => all.map(parseFloat));
  await page.click('button.sort[data-key=finish_rate_bp]');
  const down = await column();
  assert.deepEqual(down, [...down].sort((a, b) => b - a));
  await page.click('button.sort[data-key=finish_rate_bp]');
  assert.deepEqual(await column(), [...down].reverse());
  assert.equal(await page.locator('th[aria-sort=ascending]').count(), 1);
  const lines = await page.locator('.chart').first().locator('.chart-legend li').count();
  await page.locator('.unit input:not(:checked)').first().check();
  assert.equal(await page.locator('.chart').first().locator('.chart-legend li').count(), lines + 1);
  assert.equal(await page.getAttribute('a[download]', 'href'), '/api/assess.xlsx?from=2026-10-01&to=2026-11-01&by=department&area=340705002&lang=zh');
  const series = mock.asked.filter((one) => one.path === '/assess/series').pop();
  assert.deepEqual([series.query.each, series.query.from, series.query.to], ['month', '2025-11-01', '2026-11-01']);
  await page.goto(`${address}/p/assess`);
  await page.waitForSelector('.chart-svg');
  const own = mock.asked.filter((one) => one.path === '/assess').pop();
  assert.deepEqual([own.query.by, own.query.level, own.query.area], ['area', 'community', '340705002'], 'a street desk sees its communities');
  await page.context().close();
});

test('assessment: a department sees its own, and has nothing else to choose', async () => {
  mock.user = 'shi';
  const page = await browser.open(`${address}/p/assess`, {});
  await page.waitForSelector('.chart-svg');
  await page.waitForSelector('h1:has-text("市政工程管理处")');
  const {by, unit, area} = mock.asked.filter((one) => one.path === '/assess').pop().query;
  assert.deepEqual([by, unit, area], ['department', 'SZ', undefined]);
  assert.equal(mock.asked.filter((one) => one.path === '/assess/series').pop().query.unit, 'SZ');
  assert.match(await page.getAttribute('a[download]', 'href'), /by=department&unit=SZ&lang=zh$/);
  assert.equal(await page.locator('.segmented, .picker').count(), 0);
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test('search: a number opens the incident, words find page after page', async () => {
  const page = await browser.open(`${address}/p/search`, {});
  await page.waitForSelector('.search-form');
  await page.keyboard.type('#7');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.page-incident');
  await page.fill('.top-search input', '垃圾');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.results .card');
  await page.selectOption('.filters select >> nth=1', 'accepted');
  await until(async () => (await page.locator('.results .card .badge').allInnerTexts()).filter((one) => one.startsWith('已')).every((one) => one === '已接单'));
  await page.context().close();
});

/* ---------------------------------------------------------------- who may see what is theirs only */

/** What was asked of the daemon by one page: [call, what confines it]. */
async function askedBy(page, path, sign) {
  const before = mock.asked.length;
  await page.goto(address + path);
  await page.locator(sign).first().waitFor();
  return mock.asked.slice(before).filter((one) => ['/search', '/summary', '/people', '/assess', '/assess/series'].includes(one.path)).map((one) => [one.path, one.query.area, one.query.department, one.query.person]);
}

for (const [user, who, own] of [['wei', 'an officer', {person: 'w00200101'}], ['shi', 'a handler of a department', {department: 'SZ'}]]) {
  test(`${who} finds on every page what is theirs, or why there is nothing`, async () => {
    mock.user = user;
    const page = await browser.open('about:blank', {});
    assert.deepEqual(await askedBy(page, '/p/search?q=%E8%B7%AF', '.results .card, .state-title:has-text("没有找到")'), [['/search', undefined, own.department, own.person]]);
    const people = await askedBy(page, '/p/people', '.duty');
    assert.deepEqual(people, [['/people', user === 'wei' ? '340705002001' : undefined, undefined, undefined]]);
    const assess = await askedBy(page, '/p/assess', user === 'wei' ? '.state-title:has-text("您没有查看考核的权限")' : '.chart-svg');
    assert.equal(assess.length > 0, user === 'shi', 'nobody is asked for what is refused');
    assert.equal(await page.locator('a[download]').count(), user === 'wei' ? 0 : 1);
    const district = await askedBy(page, '/p/district', user === 'wei' ? '.state-title:has-text("辖区情况按区划授权")' : '.tiles');
    assert.deepEqual(district, user === 'wei' ? [] : [['/summary', '340705', 'SZ', undefined]]);
    assert.equal(await page.locator('.state-error').count(), 0);
    assert.deepEqual(page.complaints, []);
    await page.context().close();
  });
}

test('a filter that is taken away leaves what one may see', async () => {
  mock.user = 'shi';
  const page = await browser.open(`${address}/p/search?q=%E8%B7%AF&department=HW`, {});
  await page.locator('.state-error').waitFor();
  await page.selectOption('.filters select >> nth=0', '');
  await page.locator('.results .card').first().waitFor();
  await page.goto(`${address}/p/district?department=SZ`);
  await page.selectOption('.filters select', '');
  await until(() => mock.asked.filter((one) => one.path === '/summary').length > 1);
  assert.equal(await page.locator('.state-error').count(), 0);
  assert.equal(mock.asked.filter((one) => one.path === '/summary').pop().query.department, 'SZ');
  await page.context().close();
});

test('reporting: picked from lists, sent once, shown', async () => {
  const page = await browser.open(`${address}/p/report`, {viewport: PHONE, touch: true});
  await page.waitForSelector('.report-form');
  const pick = async (index, words) => {
    await page.locator('.picker input').nth(index).fill(words);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
  };
  await pick(0, '开源社区02');
  await pick(1, '井盖');
  await page.fill('textarea', '井盖缺失，路口东北角');
  await page.click('button[type=submit]');
  await page.waitForSelector('.page-incident');
  const [body] = mock.asked.filter((one) => one.method === 'POST' && one.path === '/incidents').map((one) => one.body);
  assert.equal(body.category, '05-02');
  assert.match(body.grid, /^\d{15}$/);
  await page.context().close();
});
