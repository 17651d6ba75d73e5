// One incident: what is told of it, what may be done, and that nobody's words become markup.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {Browser, PHONE} from './browser.mjs';
import {Mock} from './mock.mjs';
import {until} from './wait.mjs';

const HOSTILE = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>"><svg onload=window.hacked=1>\u202e&lt;b&gt; {name} ${alert(1)}';

let mock, browser, address;

before(async () => {
  mock = new Mock({incidents: 400});
  address = await mock.start();
  browser = await Browser.start();
});

after(async () => {
  await browser?.stop();
  await mock?.stop();
});

async function open(row, options = {}) {
  const page = await browser.open(`${address}/p/incident/${row.incident}`, options);
  await page.waitForSelector('.timeline .entry');
  return page;
}

const posted = (verb) => mock.asked.filter((one) => one.method === 'POST' && one.path.endsWith(`/${verb}`)).map((one) => one.body);

/** Opens a verb's form and gives it. */
async function form(page, verb) {
  await page.click(`[data-verb="${verb}"]`);
  const dialog = page.locator('dialog[open]');
  await dialog.waitFor();
  return dialog;
}

test('the timeline says who was told and by which path, and what is still to come', async () => {
  const row = mock.report({dueMs: mock.now() + 3600000, warnMs: mock.now() + 1800000});
  mock.write(row, 'step', {step: 'unaccepted', nominal: mock.iso(mock.now()), late_ms: 240000});
  const page = await open(row);
  const step = page.locator('.timeline .entry', {hasText: '未接单催办'});
  assert.match(await step.innerText(), /迟 4 分钟/);
  assert.match(await step.innerText(), /代岗/);
  assert.deepEqual(await page.locator('.ahead h3').allInnerTexts(), ['黄色预警', '红色督办', '蓝色督办', '橙色督办', '督办卡', '重复督办']);
  assert.match(await page.locator('.ahead-step').first().innerText(), /[12]\d 分钟后|30 分钟后/);
  const owner = mock.city.people.find((one) => one.id === row.owner_person).name;
  assert.ok((await page.locator('.ahead-step').first().innerText()).includes(owner));
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test('accept, finish and verify: each a form, and the page follows', async () => {
  const row = mock.report({state: 'dispatched'});
  const page = await open(row);
  await (await form(page, 'accept')).locator('button[type=submit]').click();
  await page.waitForSelector('h1 .badge:has-text("已接单")');
  const finish = await form(page, 'finish');
  await finish.locator('textarea').fill('井盖已更换');
  await finish.locator('button[type=submit]').click();
  await page.waitForSelector('h1 .badge:has-text("已办结")');
  const verify = await form(page, 'verify');
  await verify.locator('button[type=submit]').click(); // without a result it is not sent
  assert.equal(posted('verify').length, 0);
  await verify.locator('input[value=fail]').check();
  await verify.locator('button[type=submit]').click();
  await page.waitForSelector('h1 .badge:has-text("返工")');
  const [accepted] = posted('accept'), [finished] = posted('finish'), [verified] = posted('verify');
  assert.match(accepted.id, /^[0-9a-f]{32}$/);
  assert.deepEqual([accepted.version, finished.version, verified.version], [1, 2, 3]);
  assert.equal(finished.text, '井盖已更换');
  assert.equal(verified.result, 'fail');
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test('return with a reason, extend by hours, reassign to a post: the keys of the command line', async () => {
  const row = mock.report({state: 'accepted'});
  const page = await open(row, {viewport: PHONE, touch: true});
  const extend = await form(page, 'extend');
  await extend.locator('input[type=number]').fill('16');
  await extend.locator('button[type=submit]').click();
  await extend.waitFor({state: 'detached'});
  assert.equal(posted('extend')[0].hours, 16);
  await until(async () => await page.locator('.timeline .entry', {hasText: '延期'}).count() > 0);
  const giveBack = await form(page, 'return');
  await giveBack.locator('select').selectOption('no_power');
  await giveBack.locator('.picker input').fill('排水 联络台');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await giveBack.locator('textarea').fill('产权不在我方');
  await giveBack.locator('button[type=submit]').click();
  await giveBack.waitFor({state: 'detached'});
  const [body] = posted('return');
  assert.deepEqual([body.reason, body.suggest, body.text], ['no_power', 'K-PS', '产权不在我方']);
  await page.context().close();
});

test('an extension begins with hours that may be granted, and says in which clock', async () => {
  const rows = mock.city.directory.categories, urgent = rows.find((one) => /^[2-7]uh$/.test(one.limit)), working = rows.find((one) => /^\d+wd$/.test(one.limit));
  for (const [row, hours, hint] of [[urgent, urgent.limit[0], '连续小时'], [working, '8', '工作小时']]) {
    const page = await open(mock.report({state: 'dispatched', category: row.category, condition: row.condition}));
    const extend = await form(page, 'extend');
    assert.equal(await extend.locator('input[type=number]').inputValue(), hours);
    await extend.getByText(hint).waitFor();
    await page.context().close();
  }
});

test('a post is found by either of its names, whatever language the page has', async () => {
  const row = mock.report({state: 'dispatched'});
  const page = await open(row, {locale: 'en-GB'});
  const picker = (await form(page, 'return')).locator('.picker input');
  for (const words of ['排水', 'drainage']) {
    await picker.fill(words);
    await page.locator('.picker-list li:has-text("Drainage")').first().waitFor();
  }
  await picker.fill('没有这样的岗位');
  await page.locator('.picker-none').hover();
  assert.equal(await page.locator('.picker-none').evaluate((one) => getComputedStyle(one).backgroundColor), 'rgba(0, 0, 0, 0)');
  await page.context().close();
});

test('a refusal is said in the form, nothing is lost, and pressing again is the same command', async () => {
  const row = mock.report({state: 'dispatched'});
  const page = await open(row);
  const note = await form(page, 'note');
  await note.locator('textarea').fill('已联系物业');
  mock.set({...row, version: 9});
  await note.locator('button[type=submit]').click();
  await note.locator('.form-error:has-text("刚被他人更新")').waitFor();
  mock.down = true;
  await note.locator('button[type=submit]').click();
  await note.locator('.form-error:has-text("没有发出去")').waitFor();
  mock.down = false; // the form knows by now what the incident has become
  assert.equal(await note.locator('textarea').inputValue(), '已联系物业');
  await note.locator('button[type=submit]').click();
  await note.waitFor({state: 'detached'});
  assert.equal(new Set(posted('note').map((one) => one.id)).size, 1);
  await page.context().close();
});

test('what was typed is not lost by a touch beside the form', async () => {
  const row = mock.report({state: 'dispatched'});
  const page = await open(row);
  let note = await form(page, 'note');
  await page.mouse.click(5, 5);
  await note.waitFor({state: 'detached'});
  note = await form(page, 'note');
  await note.locator('textarea').fill('已联系物业，明早处理');
  const box = await note.locator('textarea').boundingBox();
  await page.mouse.move(box.x + 40, box.y + 10);
  await page.mouse.down();
  await page.mouse.move(5, 5);
  await page.mouse.up();
  await page.mouse.click(5, 5);
  assert.equal(await note.locator('textarea').inputValue(), '已联系物业，明早处理');
  await page.context().close();
});

test('a daemon that is away for a moment leaves the page as it is', async () => {
  const row = mock.report({state: 'dispatched'});
  const page = await open(row);
  mock.faults.set('/incidents', {status: 503, body: {error: 'unavailable', detail: null, retry_ms: 1000}});
  mock.set({...row, state: 'accepted', version: 2});
  mock.write(mock.rows.get(row.incident), 'accepted', {actor: row.owner_person});
  await page.waitForSelector('.offline:not([hidden])');
  assert.ok(await page.locator('.timeline .entry').count() > 0);
  assert.equal(await page.locator('.state-error').count(), 0);
  mock.faults.clear();
  await page.waitForSelector('h1 .badge:has-text("已接单")');
  await page.locator('.offline').waitFor({state: 'hidden'});
  await page.context().close();
});

test('what somebody else does shows at once, and an open form stays', async () => {
  const row = mock.report({state: 'dispatched'});
  const page = await open(row);
  const dialog = await form(page, 'note');
  await dialog.locator('textarea').fill('一半');
  mock.set({...row, state: 'accepted', version: 2});
  mock.write(mock.rows.get(row.incident), 'accepted', {actor: row.owner_person});
  await page.waitForSelector('h1 .badge:has-text("已接单")');
  assert.equal(await dialog.locator('textarea').inputValue(), '一半');
  await page.keyboard.press('Escape');
  await dialog.waitFor({state: 'detached'});
  await page.context().close();
});

test('a form by keyboard alone: the focus is in it, goes round in it, and comes back', async () => {
  const row = mock.report({state: 'dispatched'});
  const page = await open(row);
  await page.focus('[data-verb=note]');
  await page.keyboard.press('Enter');
  await page.waitForSelector('dialog[open]');
  assert.equal(await page.evaluate(() => document.activeElement.tagName), 'TEXTAREA');
  await page.keyboard.press('Escape');
  await until(async () => await page.evaluate(() => document.activeElement.dataset.verb) === 'note');
  await page.context().close();
});

/* ---------------------------------------------------------------- hostile texts */

test('hostile words stay words, wherever they are shown', async () => {
  const row = mock.report({state: 'returned', text: HOSTILE, area: '340705002001001', dueMs: null, warnMs: null});
  mock.write(row, 'noted', {text: HOSTILE, actor: HOSTILE, actor_post: HOSTILE});
  mock.write(row, 'vacant', {text: HOSTILE});
  mock.write(row, 'step', {step: 'red', owner: HOSTILE, recipients: [{person: HOSTILE, post: HOSTILE, capacity: HOSTILE, path: HOSTILE}], flags: [HOSTILE]});
  const page = await open(row);
  assert.equal(await page.locator('.incident-text').innerText().then((text) => text.includes('<img src=x')), true);
  for (const path of ['/p/board?area=340705002', `/p/search?q=${encodeURIComponent('onerror')}`, '/p/escalations', `/p/search?q=${encodeURIComponent(HOSTILE)}`, `/p/district/${encodeURIComponent(HOSTILE)}`, `/p/incident/${encodeURIComponent(HOSTILE)}`]) {
    await page.goto(address + path);
    await page.waitForSelector('.card, .tail-row, .state, .tiles');
  }
  assert.equal(await page.evaluate(() => window.hacked), undefined);
  assert.equal(await page.evaluate(() => document.querySelectorAll('img:not([src^="/static/"]), script:not([src^="/static/"]), #app svg[onload]').length), 0);
  assert.deepEqual(page.complaints.filter((one) => !one.includes('404')), []);
  await page.context().close();
});

test('a private incident shows that it is one, and no text', async () => {
  const row = mock.report({state: 'accepted', private: true, text: '秘密'});
  const page = await open(row);
  assert.match(await page.locator('h1').innerText(), /保密/);
  assert.doesNotMatch(await page.locator('.main').innerText(), /秘密/);
  await page.context().close();
});
