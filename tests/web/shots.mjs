// Pictures of the pages for the documents: webp, each small enough for a repository.
import {mkdirSync, writeFileSync} from 'node:fs';
import {Browser} from './browser.mjs';
import {openSite, words} from './site.mjs';

const USAGE = `usage: tests/web/run.sh SOURCE BUILD shots.mjs FOLDER [NAME…] [--address URL --user NAME] [--incident N]

Takes the pictures of docs/PAGES.md into FOLDER (docs/images/web), all or those that are named. Of the mock, whose city and day
are always the same, or of the server at URL (GP_PASSWORD has the password), with its incident N for the pages of one.`;
const BYTES_MAX = 60 * 1024;
const QUALITIES = [82, 74, 66, 58, 50, 42];
const DESK = {width: 1120, height: 720}, WIDE = {width: 1280, height: 760}, PHONE = {width: 390, height: 780};
const NOW = Date.parse('2026-10-14T10:20:00+08:00'); // a Wednesday in office hours

const {values, positionals: [folder, ...names]} = words(USAGE, {incident: {type: 'string'}});
if (folder === undefined) {
  console.error(USAGE);
  process.exit(64);
}

const ZH = {viewport: DESK, locale: 'zh-CN'}, EN_DARK = {viewport: DESK, locale: 'en-GB', dark: true};
const HAND = {viewport: PHONE, locale: 'zh-CN', touch: true}, HAND_DARK = {...HAND, dark: true};
const board = '/p/board?area=340705004';

async function extend(page) {
  await page.click('[data-verb=extend]');
  await page.waitForSelector('dialog[open]');
}

async function lose(page) {
  await page.waitForSelector('.live[data-state=live]');
  await page.context().setOffline(true);
  await page.waitForSelector('.offline:not([hidden])');
}

async function fillIn(page) {
  const pickers = page.locator('.picker input');
  await pickers.nth(0).fill('01网格');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await pickers.nth(1).fill('井盖');
}

/** name: [path, what must be there, how it is looked at, what is done then] */
const SHOTS = {
  'sign-in': ['/p/board', '.sign-form', {...HAND_DARK, locale: 'en-GB'}],
  board: [board, '.card', ZH],
  'board-dark': [board, '.card', EN_DARK],
  'board-phone': [board, '.card', HAND],
  'board-offline': [board, '.card', HAND_DARK, lose],
  incident: ['/p/incident/N', '.timeline .entry', ZH],
  'incident-phone': ['/p/incident/N', '.timeline .entry', HAND, extend],
  district: ['/p/district', '.tree tbody tr', {...ZH, viewport: WIDE}],
  'district-phone': ['/p/district', '.tree tbody tr', HAND_DARK],
  escalations: ['/p/escalations', '.tail-row', EN_DARK],
  people: ['/p/people', '.page-people .panel', ZH],
  assess: ['/p/assess?by=department', '.chart-svg', ZH],
  search: ['/p/search?q=井盖', '.results .card', HAND],
  report: ['/p/report', '.report-form', HAND, fillIn],
};

/** The best quality that stays below BYTES_MAX. */
async function picture(page) {
  const session = await page.context().newCDPSession(page);
  for (const quality of QUALITIES) {
    const {data} = await session.send('Page.captureScreenshot', {format: 'webp', quality});
    const bytes = Buffer.from(data, 'base64');
    if (bytes.length <= BYTES_MAX)
      return bytes;
  }
  throw new Error(`more than ${BYTES_MAX} bytes at the least quality`);
}

async function shoot(browser, site, name) {
  const [path, sign, options, then] = SHOTS[name];
  if (site.mock !== null)
    site.mock.user = name === 'sign-in' ? null : 'wang';
  const page = await browser.open(site.address + path.replace('/N', `/${values.incident ?? MOCK_INCIDENT}`), options);
  if (name !== 'sign-in')
    await site.enter(page);
  await page.waitForSelector(sign);
  await then?.(page);
  await page.evaluate(() => document.fonts.ready);
  const bytes = await picture(page);
  writeFileSync(`${folder}/${name}.webp`, bytes);
  console.log(`${name}: ${bytes.length} bytes`);
  await page.context().close();
}

const MOCK_INCIDENT = 42;
const wanted = names.length > 0 ? names : Object.keys(SHOTS);
const unknown = wanted.filter((name) => SHOTS[name] === undefined);
if (unknown.length > 0) {
  console.error(`no such picture: ${unknown.join(' ')}`);
  process.exit(64);
}
mkdirSync(folder, {recursive: true});
const site = await openSite(values, {incidents: 1500, now: NOW}), browser = await Browser.start();
for (const name of wanted)
  await shoot(browser, site, name);
await browser.stop();
await site.stop();
