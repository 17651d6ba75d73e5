// Every page that the real server serves, in front of incidents in every state; the keyboard alone; and an admin's second factor.
import assert from 'node:assert/strict';
import {after, before, describe, test} from 'node:test';
import {Browser, DESK} from './browser.mjs';
import {demo, HOSTILE} from './demo.mjs';
import {axe, tooWide} from './look.mjs';
import {card, comeIn, EN, entry, heading, isLive, signIn, ZH} from './people.mjs';
import {City, PASSWORD} from './real.mjs';

const HAND = {width: 390, height: 844};
const TABS_MAX = 80;

/** Pages of a dispatcher: address, and what is there when all of it has come. What the server learns to serve is one line here. */
const PAGES = [
  ['board', () => '/p/board', (page) => page.getByRole('link', {name: '沥青路面坑洞'})],
  ['an incident over its limit', (at) => `/p/incident/${at('沥青路面坑洞，车辆绕行')}`, (page) => page.getByRole('listitem').nth(3)],
  ['a private incident', (at) => `/p/incident/${at('居民家中纠纷')}`, (page) => page.getByRole('heading', {level: 3}).first()],
  ['a suspended incident', (at) => `/p/incident/${at('桥面伸缩缝损坏')}`, (page) => page.getByText('等汛期过后施工')],
  ['an incident of hostile words', (at) => `/p/incident/${at(HOSTILE)}`, (page) => page.getByText('<img src=x').first()],
  ['escalations', () => '/p/escalations', (page) => page.getByRole('listitem').first()],
  ['people', () => '/p/people', (page) => page.getByRole('heading', {level: 2}).first()],
  ['district', () => '/p/district', (page) => page.getByRole('link', {name: '临湖社区'}).first()],
  ['assessments', () => '/p/assess', (page) => page.getByRole('img').first()],
  ['search', () => '/p/search?q=u2', (page) => page.getByRole('link', {name: '窨井盖移位'}).first()],
  ['report', () => '/p/report', (page) => page.getByRole('combobox').nth(1)],
];
const LOOKS = [
  ['Chinese, light, at a desk', {viewport: DESK, locale: 'zh-CN', words: ZH}],
  ['English, dark, in the hand', {viewport: HAND, locale: 'en-GB', words: EN, dark: true, touch: true}],
];

let city, browser, numbers;

before(async () => {
  city = await City.start();
  numbers = await demo(city);
  browser = await Browser.start();
});

after(async () => {
  await browser?.stop();
  await city?.stop();
});

async function judge(page) {
  assert.deepEqual(await tooWide(page), []);
  assert.deepEqual(await axe(page), []);
  assert.deepEqual(page.complaints, []);
  assert.equal(await page.evaluate(() => window.hacked), undefined);
}

for (const [look, options] of LOOKS) {
  describe(look, () => {
    let page;

    before(async () => {
      page = await comeIn(browser, city.address, 'jiedao', options);
    });

    after(() => page?.context().close());

    for (const [name, path, sign] of PAGES) {
      test(name, async () => {
        await page.goto(city.address + path((text) => numbers.get(text)));
        await sign(page).waitFor();
        await judge(page);
      });
    }
  });

  test(`${look}: the way in`, async () => {
    const page = await browser.open(city.address, options);
    await page.getByRole('button', {name: options.words.send}).waitFor();
    page.complaints.length = 0; // the browser says that nobody is signed in (401)
    await judge(page);
    await page.context().close();
  });
}

/* ---------------------------------------------------------------- the keyboard */

/** Goes on by Tab until what has the focus says so. */
async function tabTo(page, words, key = 'Tab') {
  for (let i = 0; i < TABS_MAX; i++) {
    await page.keyboard.press(key);
    const said = await page.evaluate(() => (document.activeElement === document.body ? '' : document.activeElement.getAttribute('aria-label') ?? document.activeElement.innerText));
    if (said.includes(words))
      return;
  }
  assert.fail(`the keyboard does not come to ${words}`);
}

test('with the keyboard alone: in, to an incident, a note, and back to where one was', async () => {
  const page = await browser.open(city.address, {});
  await page.getByRole('button', {name: '登录'}).waitFor();
  await page.keyboard.type('jiedao');
  await page.keyboard.press('Tab');
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press('Enter');
  await card(page, '处置中', '路灯三盏不亮').waitFor();
  await tabTo(page, '路灯三盏不亮'); // the first of its column
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await heading(page, '返工').waitFor();
  await tabTo(page, '备注');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.type('已电话联系');
  await tabTo(page, '备注');
  await page.keyboard.press('Enter');
  await entry(page, '备注').getByText('已电话联系').waitFor();
  await tabTo(page, '看板', 'Shift+Tab');
  await page.keyboard.press('Enter');
  await isLive(page);
  assert.match(await page.evaluate(() => document.activeElement.innerText), /台阶破损/, 'the focus is where it was');
  await page.context().close();
});

/* ---------------------------------------------------------------- who comes in with what */

test('an admin needs the code of the day, and then sees what admins see', async () => {
  const page = await browser.open(city.address, {});
  await signIn(page, 'guanli');
  await page.getByLabel('动态验证码').fill('000000');
  await page.getByRole('button', {name: '登录'}).click();
  await page.getByText('验证码不对').waitFor();
  await page.getByLabel('动态验证码').fill(await city.code());
  await page.keyboard.press('Enter');
  await isLive(page);
  await page.getByLabel('周某：账户与设置').click();
  await page.getByText('管理员').waitFor();
  await page.context().close();
});

test('two people at one desk: each finds the own board, not the filters of the other', async () => {
  const page = await comeIn(browser, city.address, 'jiedao');
  await heading(page, '新城').waitFor();
  await page.getByLabel('郑某：账户与设置').click();
  await page.getByRole('button', {name: '退出登录'}).click();
  await signIn(page, 'shizheng');
  await heading(page, '市政工程管理处').waitFor();
  await card(page, '待接单', '沥青路面坑洞').waitFor();
  await page.context().close();
});

test('who sees the own posts only has a board and a tail of them, and no way to what is refused', async () => {
  const page = await comeIn(browser, city.address, 'li');
  await card(page, '待接单', '窨井盖移位').waitFor();
  await isLive(page);
  assert.equal(await page.getByRole('link', {name: '辖区'}).count(), 0);
  await page.getByRole('link', {name: '督办'}).click();
  await page.getByRole('list', {name: '督办'}).getByText('黄色预警').first().waitFor();
  await isLive(page);
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});
