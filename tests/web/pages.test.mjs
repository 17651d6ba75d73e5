// Every page as people see it: in both languages, light and dark, on a desk and on a phone; nobody is shut out, the console has nothing to say.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {after, before, describe, test} from 'node:test';
import {Browser, DESK, PHONE} from './browser.mjs';
import {Mock} from './mock.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PAGES = [
  ['board', '/p/board', '.card'], ['incident', '/p/incident/42', '.timeline .entry'], ['district', '/p/district', '.tree tbody tr'], ['escalations', '/p/escalations', '.tail-row'], ['people', '/p/people', '.duty'],
  ['assess', '/p/assess', '.chart-svg'], ['search', '/p/search?q=井盖', '.results .card'], ['report', '/p/report', '.report-form'], ['missing', '/p/nowhere', '.state'],
];
const LOOKS = [
  ['zh, light, desk', {viewport: DESK, locale: 'zh-CN'}], ['en, dark, phone', {viewport: PHONE, locale: 'en-GB', dark: true, touch: true}],
  ['en, light, desk', {viewport: DESK, locale: 'en-US'}], ['zh, dark, phone', {viewport: PHONE, locale: 'zh-CN', dark: true, touch: true}],
];
const TARGET_PX = 24; // WCAG 2.2 AA; ours are 44 where a finger goes, which `fingers` below looks at

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

/** axe's complaints, in short. */
async function axe(page) {
  await page.evaluate(AXE);
  const result = await page.evaluate(() => window.axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}));
  return result.violations.map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => `${node.target} ${node.failureSummary?.split('\n')[1] ?? ''}`).join(' | ')}`);
}

/** What is wider than the window. */
function tooWide(page) {
  return page.evaluate(() => (document.documentElement.scrollWidth > innerWidth ? [...document.querySelectorAll('#app *')].filter((one) => one.getBoundingClientRect().right > innerWidth + 1).slice(0, 3).map((one) => one.className) : []));
}

/** Things to touch that are lower than a finger needs; links within sentences are as high as their line. */
function smallTargets(page, least) {
  return page.evaluate((px) => [...document.querySelectorAll('button, select, summary, input:not([type=checkbox], [type=radio]), .nav-link, .button, .toggle, .choice, .card, .tile')]
    .filter((one) => one.offsetParent !== null && one.getBoundingClientRect().height > 0 && one.getBoundingClientRect().height < px).map((one) => `${one.tagName}.${one.className} ${one.getBoundingClientRect().height}`), least);
}

for (const [look, options] of LOOKS) {
  describe(look, () => {
    for (const [name, path, sign] of PAGES) {
      test(name, async () => {
        const page = await browser.open(address + path, options);
        await page.waitForSelector(sign);
        assert.equal(await page.getAttribute('html', 'lang'), options.locale.startsWith('en') ? 'en' : 'zh-CN');
        assert.equal(await page.locator('h1, .state-title').first().isVisible(), true);
        assert.deepEqual(await tooWide(page), []);
        assert.deepEqual(await smallTargets(page, options.touch ? 42 : TARGET_PX), []);
        assert.deepEqual(await axe(page), []);
        assert.deepEqual(page.complaints, []);
        await page.context().close();
      });
    }
  });
}

test('no page has an untranslated key or a word of the other language in its frame', async () => {
  for (const [, path, sign] of PAGES) {
    const page = await browser.open(address + path, {locale: 'en-US'});
    await page.waitForSelector(sign);
    const text = await page.evaluate(() => document.body.innerText);
    assert.doesNotMatch(text, /\b(nav|page|board|figure|state|what|step|verb|counts|filter|people|assess)\.[a-z_]+\b/, path);
    assert.doesNotMatch(await page.evaluate(() => [...document.querySelectorAll('button, h1, h2, th, .nav-link')].map((one) => (one.closest('tbody, .picker, .menu, .chart-data, h1') ? '' : one.textContent)).join(' ')), /[\u4e00-\u9fff]{2}/, path);
    await page.context().close();
  }
});

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
