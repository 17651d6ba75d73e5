// Every page as people see it: in both languages, light and dark, on a desk and on a phone; nobody is shut out, the console has nothing to say.
import assert from 'node:assert/strict';
import {after, before, describe, test} from 'node:test';
import {Browser, DESK, PHONE} from './browser.mjs';
import {axe, tooWide} from './look.mjs';
import {Mock} from './mock.mjs';

const PAGES = [
  ['board', '/p/board', '.card'], ['incident', '/p/incident/42', '.timeline .entry'], ['district', '/p/district', '.tree tbody tr'], ['escalations', '/p/escalations', '.tail-row'], ['people', '/p/people', '.duty'],
  ['assess', '/p/assess', '.chart-svg'], ['search', '/p/search?q=井盖', '.results .card'], ['report', '/p/report', '.report-form'], ['missing', '/p/nowhere', '.state'],
];
const LIGHT_DESK = {name: 'light, on a desk', viewport: DESK, colorScheme: 'light', axe: true}, DARK_PHONE = {name: 'dark, on a phone', viewport: PHONE, colorScheme: 'dark', axe: true};
// Each language, theme and size meets axe once; in the other looks only sizes are compared, which words can break.
const LANGUAGES = [['zh-CN', [LIGHT_DESK, {...DARK_PHONE, axe: false}]], ['en-GB', [DARK_PHONE, {...LIGHT_DESK, axe: false}]]];
const FINGER_PX = 42, TARGET_PX = 24; // WCAG 2.2 AA; ours are 44 where a finger goes

let mock, browser, address;

before(async () => {
  mock = new Mock({incidents: 1200});
  address = await mock.start();
  browser = await Browser.start();
});

after(async () => {
  await browser?.stop();
  await mock?.stop();
});

/** Things to touch that are lower than a finger needs; links within sentences are as high as their line. */
function smallTargets(page, least) {
  return page.evaluate((px) => [...document.querySelectorAll('button, select, summary, input:not([type=checkbox], [type=radio]), .nav-link, .button, .toggle, .choice, .card, .tile')]
    .filter((one) => one.offsetParent !== null && one.getBoundingClientRect().height > 0 && one.getBoundingClientRect().height < px).map((one) => `${one.tagName}.${one.className} ${one.getBoundingClientRect().height}`), least);
}

/** What an English page has no business to show: a key without words, or Chinese in its frame. */
async function untranslated(page) {
  assert.doesNotMatch(await page.evaluate(() => document.body.innerText), /\b(nav|page|board|figure|state|what|step|verb|counts|filter|people|assess)\.[a-z_]+\b/);
  const frame = await page.evaluate(() => [...document.querySelectorAll('button, h1, h2, th, .nav-link')].map((one) => (one.closest('tbody, .picker, .menu, .chart-data, h1') ? '' : one.textContent)).join(' '));
  assert.doesNotMatch(frame, /[\u4e00-\u9fff]{2}/);
}

async function dress(page, {viewport, colorScheme}) {
  await page.setViewportSize(viewport);
  await page.emulateMedia({colorScheme});
}

async function judge(page, {name, viewport, axe: withAxe}) {
  assert.equal(await page.locator('h1, .state-title').first().isVisible(), true, name);
  assert.deepEqual(await tooWide(page), [], name);
  assert.deepEqual(await smallTargets(page, viewport === PHONE ? FINGER_PX : TARGET_PX), [], name);
  if (withAxe)
    assert.deepEqual(await axe(page), [], name);
}

for (const [locale, looks] of LANGUAGES) {
  describe(locale, () => {
    let page;

    before(async () => {
      page = await browser.open('about:blank', {locale, touch: true});
    });

    after(() => page.context().close());

    for (const [name, path, sign] of PAGES) {
      test(name, async () => {
        page.complaints.length = 0;
        await dress(page, looks[0]);
        await page.goto(address + path);
        await page.waitForSelector(sign);
        assert.equal(await page.getAttribute('html', 'lang'), locale.startsWith('en') ? 'en' : 'zh-CN');
        for (const one of looks) {
          await dress(page, one);
          await judge(page, one);
        }
        if (locale.startsWith('en'))
          await untranslated(page);
        assert.deepEqual(page.complaints, []);
      });
    }
  });
}

test('language and colours are chosen, kept, and change the page at once', async () => {
  const page = await browser.open(`${address}/p/board`, {locale: 'fr-FR'});
  await page.waitForSelector('.card');
  assert.equal(await page.getAttribute('html', 'lang'), 'zh-CN'); // neither is asked for
  await page.click('.menu summary');
  await page.click('text=English');
  await page.waitForSelector('h1:has-text("Board")');
  await page.click('.menu summary');
  await page.click('[data-pref=theme]'); // auto → light
  assert.equal(await page.getAttribute('details.menu', 'open'), '', 'the menu stays');
  assert.equal(await page.evaluate(() => document.activeElement.dataset.pref), 'theme');
  await page.click('[data-pref=theme]'); // light → dark
  assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), 'rgb(15, 20, 26)');
  await page.reload();
  await page.waitForSelector('h1:has-text("Board")');
  assert.equal(await page.getAttribute('html', 'data-theme'), 'dark');
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test('times are the city\'s, wherever the browser is', async () => {
  const page = await browser.open(`${address}/p/incident/42`, {});
  const shown = await page.locator('.facts time').first().textContent();
  const told = await page.locator('.facts time').first().getAttribute('datetime');
  assert.ok(shown.endsWith(told.slice(11, 16)), `${shown} is not ${told}`);
  await page.context().close();
});
