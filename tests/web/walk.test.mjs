// One incident from the handset to the department, as people see it: who acts here finds things by what is written on them, and never by their place in the markup.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {Browser} from './browser.mjs';
import {act, card, comeIn, EN, entry, heading, isLive} from './people.mjs';
import {City, HOUR_MS, MINUTE_MS} from './real.mjs';
import {until} from './wait.mjs';

const TEXT = '窨井盖破损，夜里看不见';

let city, browser;

before(async () => {
  city = await City.start();
  browser = await Browser.start();
});

after(async () => {
  await browser?.stop();
  await city?.stop();
});

/** Whether a card is painted in the colour that the board's legend gives to these words. */
async function isColoured(page, one, words) {
  const colour = await page.getByLabel('颜色含义').getByText(words).evaluate((element) => getComputedStyle(element.firstElementChild).backgroundColor);
  return one.evaluate((element, wanted) => [...element.querySelectorAll('*')].some((part) => getComputedStyle(part).backgroundColor === wanted), colour);
}

const words = async (one) => (await one.innerText()).replace(/\s+/g, ' ');

async function leave(page) {
  assert.deepEqual(page.complaints, []);
  await page.context().close();
}

test('an incident goes from the handset to the department, and everybody sees what is theirs', async () => {
  // The specialist's board is empty and live; then a handset reports.
  const specialist = await comeIn(browser, city.address, 'li');
  await specialist.getByText('没有未结案卷').waitFor();
  await isLive(specialist);
  const number = await city.report(TEXT);
  await card(specialist, '待接单', TEXT).getByText('临湖第2网格').waitFor();
  assert.match(await card(specialist, '待接单', TEXT).innerText(), /剩 (2 小时|1 小时 5\d 分)/);

  // It is opened and accepted.
  await card(specialist, '待接单', TEXT).click();
  await heading(specialist, `#${number}`, '已派遣').waitFor();
  await act(specialist, '接单');
  await heading(specialist, '已接单').waitFor();
  await specialist.getByRole('link', {name: '看板'}).first().click();
  await card(specialist, '处置中', TEXT).waitFor();

  // The department looks on. Nobody does anything, and the clock runs.
  const department = await comeIn(browser, city.address, 'shizheng');
  await heading(department, '市政工程管理处').waitFor();
  await card(department, '处置中', TEXT).waitFor();
  await isLive(department);
  assert.ok(await isColoured(department, card(department, '处置中', TEXT), '时限内'));
  city.pass(HOUR_MS + MINUTE_MS);
  for (const page of [specialist, department])
    await until(() => isColoured(page, card(page, '处置中', TEXT), '已预警'));
  await card(specialist, '处置中', TEXT).click();
  await entry(specialist, '黄色预警').first().waitFor();

  // The limit passes: it is the department's now, on every page that is open.
  city.pass(HOUR_MS);
  await card(department, '待接单', TEXT).getByText('陈某').waitFor();
  const {rows} = await department.evaluate(() => fetch('/api/board?department=SZ').then((answer) => answer.json()));
  assert.ok(rows[0].used_bp >= 10000, 'who tells of the step knows what time it is');
  await until(() => isColoured(department, card(department, '待接单', TEXT), '已超期'));
  assert.match(await card(department, '待接单', TEXT).innerText(), /超 \d/);
  await entry(specialist, '移交部门').waitFor();
  await heading(specialist, '已派遣', '超期').waitFor();

  // The department accepts and finishes.
  await card(department, '待接单', TEXT).click();
  await act(department, '接单');
  await heading(department, '已接单').waitFor();
  await act(department, '办结', (form) => form.getByLabel('说明').fill('井盖已更换'));
  await heading(department, '已办结').waitFor();

  // The street checks and closes.
  const desk = await comeIn(browser, city.address, 'jiedao');
  await card(desk, '待核查', TEXT).click();
  await act(desk, '核查', (form) => form.getByText('通过', {exact: true}).click());
  await heading(desk, '已核查').waitFor();
  await act(desk, '结案');

  // Who was told, by which path, is to be read on every page that was open all the while.
  for (const page of [specialist, department, desk]) {
    await heading(page, '已结案').waitFor();
    assert.match(await words(entry(page, '派遣通知')), /李某 A 任职 赵某 A 代岗 张某 B 任职 王某 D2 任职/);
    assert.match(await words(entry(page, '黄色预警')), /李某 A 任职 张某 B 任职/);
    assert.match(await words(entry(page, '红色督办')), /陈某 F 任职 钱某 D1 任职 王某 D2 任职 褚某 K 任职 蒋某 H 任职/);
    assert.match(await words(entry(page, '移交部门')), /由 下沉岗·市政工程管理处 负责.*原由 条线专干·市政设施·临湖社区 负责/);
    assert.doesNotMatch(await words(entry(page, '移交部门')), /A-shizheng/);
    assert.match(await words(entry(page, '办结')), /陈某.*井盖已更换/);
    assert.match(await words(entry(page, '核查通过')), /郑某/);
    await leave(page);
  }
});

test('the same pages in English: a report by its form, a note, the time that is left', async () => {
  const desk = await comeIn(browser, city.address, 'jiedao', {words: EN, locale: 'en-GB'});
  await heading(desk, 'Board').waitFor();
  await desk.getByRole('link', {name: 'Report'}).click();
  for (const [name, part] of [['Grid', '340705006001002'], ['Category', 'n4']]) {
    await desk.getByRole('combobox', {name}).fill(part);
    await desk.getByRole('option', {name: part === 'n4' ? /n4/ : /临湖第2网格/}).click();
  }
  await desk.getByText('Limit 4 working hours').waitFor();
  await desk.getByLabel('What is the matter').fill('Lamp is dark');
  await desk.getByRole('button', {name: 'Report'}).click();
  await heading(desk, 'Dispatched').waitFor();
  await act(desk, 'Note', (form) => form.getByLabel('Text').fill('Called the depot'));
  await entry(desk, 'Note').getByText('Called the depot').waitFor();
  await entry(desk, 'Yellow warning').getByText(/^in \d/).waitFor();
  await desk.getByRole('link', {name: 'Board'}).first().click();
  await card(desk, 'To accept', 'Lamp is dark').getByText(/left/).waitFor();
  await leave(desk);
});
