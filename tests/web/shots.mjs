// Pictures of the pages for the documents: webp, each small enough for a repository.
import {mkdirSync, writeFileSync} from 'node:fs';
import {parseArgs} from 'node:util';
import {Browser} from './browser.mjs';
import {openGallery, PEOPLE} from './gallery.mjs';
import {signIn, EN, ZH as ZH_WORDS} from './people.mjs';

const USAGE = `usage: tests/web/run.sh SOURCE BUILD shots.mjs FOLDER [NAME…] --real BUILT
       … shots.mjs FOLDER [NAME…] --address URL --incident N

Takes the pictures of docs/PAGES.md into FOLDER (docs/images/web), all or those that are named: of gridpostd and gridpost-web of the
build folder BUILT, in whose city it is always the same Tuesday (gallery.mjs; three minutes go by until it is that far). To take some
over and over, have the city stand still with "tests/web/run.sh SOURCE BUILD gallery.mjs BUILT", which says URL and N.`;
const BYTES_MAX = 60 * 1024;
const QUALITIES = [82, 74, 66, 58, 50, 42];
const DESK = {width: 1120, height: 720}, TALL = {width: 1120, height: 1040}, WIDE = {width: 1280, height: 1060}, PHONE = {width: 390, height: 780};

const ZH = {viewport: DESK, locale: 'zh-CN'}, EN_DARK = {viewport: DESK, locale: 'en-GB', dark: true};
const HAND = {viewport: PHONE, locale: 'zh-CN', touch: true}, HAND_DARK = {...HAND, dark: true};

function words() {
  try {
    const read = parseArgs({options: {real: {type: 'string'}, address: {type: 'string'}, incident: {type: 'string'}, help: {type: 'boolean'}}, allowPositionals: true});
    const unknown = read.positionals.slice(1).filter((name) => SHOTS[name] === undefined);
    if (unknown.length > 0)
      throw new Error(`no such picture: ${unknown.join(' ')}`);
    if (!read.values.help && (read.positionals.length === 0 || (read.values.real === undefined) === (read.values.address === undefined)))
      throw new Error('a folder, and --real or --address');
    return read;
  } catch (error) {
    console.error(`${error.message}\n${USAGE}`);
    return process.exit(64);
  }
}

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

/** name: [whose page, path, what must be there, how it is looked at, what is done then] */
const SHOTS = {
  'sign-in': [null, '/p/board', '.sign-form', {...HAND_DARK, locale: 'en-GB'}],
  board: [PEOPLE.desk, '/p/board', '.card', ZH],
  'board-dark': [PEOPLE.department, '/p/board', '.card', EN_DARK],
  'board-phone': [PEOPLE.desk, '/p/board', '.card', HAND],
  'board-offline': [PEOPLE.desk, '/p/board', '.card', HAND_DARK, lose],
  incident: [PEOPLE.desk, '/p/incident/N', '.timeline .entry', {...ZH, viewport: TALL}],
  'incident-phone': [PEOPLE.department, '/p/incident/N', '.timeline .entry', HAND, extend],
  district: [PEOPLE.whole, '/p/district', '.map path', {...ZH, viewport: WIDE}],
  'district-phone': [PEOPLE.desk, '/p/district', '.tree tbody tr', HAND_DARK],
  escalations: [PEOPLE.whole, '/p/escalations?area=340705&hide=warning', '.tail-row:not([hidden])', EN_DARK],
  people: [PEOPLE.desk, '/p/people', '.page-people .panel', {...ZH, viewport: TALL}],
  assess: [PEOPLE.desk, '/p/assess', '.chart-svg', {...ZH, viewport: TALL}],
  search: [PEOPLE.desk, '/p/search?q=井盖', '.results .card', HAND],
  report: [PEOPLE.desk, '/p/report', '.report-form', HAND, fillIn],
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

async function shoot(browser, address, name) {
  const [user, path, sign, options, then] = SHOTS[name], language = options.locale === 'zh-CN' ? ZH_WORDS : EN;
  const page = await browser.open(address + path.replace('/N', `/${incident}`), options);
  if (user !== null)
    await signIn(page, user, language);
  await page.locator(sign).first().waitFor();
  await then?.(page);
  await page.mouse.move(0, 0); // what was clicked last is not pointed at
  await page.evaluate(() => document.fonts.ready);
  const bytes = await picture(page);
  writeFileSync(`${folder}/${name}.webp`, bytes);
  console.log(`${name}: ${bytes.length} bytes`);
  await page.context().close();
}

const {values, positionals: [folder, ...names]} = words();
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
const gallery = values.real === undefined ? null : await openGallery(values.real);
const incident = gallery?.incident ?? values.incident, address = gallery?.city.address ?? values.address;
mkdirSync(folder, {recursive: true});
const browsers = new Map(); // the fields for dates are as the browser's own language has them
try {
  for (const name of names.length > 0 ? names : Object.keys(SHOTS)) {
    const {locale} = SHOTS[name][3];
    browsers.set(locale, browsers.get(locale) ?? await Browser.start(locale));
    await shoot(browsers.get(locale), address, name);
  }
} finally { // nobody else knows of what runs
  for (const browser of browsers.values())
    await browser.stop();
  await gallery?.city.stop();
}
