// Pictures of the pages, from the mock: node shots.mjs FOLDER [NAME…]
import {mkdirSync} from 'node:fs';
import {Browser, DESK, PHONE} from './browser.mjs';
import {Mock} from './mock.mjs';

const ZH = {viewport: DESK, locale: 'zh-CN'}, EN = {viewport: DESK, locale: 'en-GB'}, DARK = {...ZH, dark: true}, HAND = {viewport: PHONE, locale: 'zh-CN', touch: true};
const openForm = (verb) => async (page) => {
  await page.click(`[data-verb="${verb}"]`);
  await page.waitForSelector('dialog[open]');
};
const SHOTS = {
  board: ['/p/board?all=1', '.card', ZH], 'board-dark': ['/p/board?all=1', '.card', DARK], 'board-en': ['/p/board?all=1', '.card', EN], 'board-phone': ['/p/board?all=1', '.card', HAND],
  incident: ['/p/incident/17', '.entry', ZH], 'incident-en-dark': ['/p/incident/17', '.entry', {...EN, dark: true}], 'incident-phone': ['/p/incident/17', '.entry', HAND], 'incident-form': ['/p/incident/2256', '.entry', ZH, openForm('return')],
  'incident-form-phone': ['/p/incident/2256', '.entry', {...HAND, dark: true}, openForm('extend')],
  district: ['/p/district', '.map', ZH], 'district-dark': ['/p/district', '.map', DARK], 'district-phone': ['/p/district', '.map', HAND], escalations: ['/p/escalations', '.tail-row', ZH], 'escalations-phone-dark': ['/p/escalations', '.tail-row', {...HAND, dark: true}],
  people: ['/p/people', '.duty', ZH], 'people-en': ['/p/people', '.duty', EN], 'people-phone': ['/p/people', '.duty', HAND], assess: ['/p/assess', '.chart-svg', ZH], 'assess-dark-en': ['/p/assess?by=department', '.chart-svg', {...EN, dark: true}], 'assess-phone': ['/p/assess', '.chart-svg', HAND],
  search: ['/p/search?q=井盖', '.results .card', ZH], 'search-phone': ['/p/search?q=井盖', '.results .card', HAND], report: ['/p/report', '.report-form', ZH], 'sign-in': ['/p/board', '.sign-form', ZH], 'sign-in-phone-dark': ['/p/board', '.sign-form', {...HAND, dark: true, locale: 'en-GB'}],
  menu: ['/p/people', '.duty', ZH, (page) => page.click('.menu summary')], picker: ['/p/board?all=1', '.card', ZH, (page) => page.fill('.picker input', '社区')], offline: ['/p/board?all=1', '.live[data-state=live]', ZH, async (page, mock) => {
    mock.down = true;
    mock.cutStreams();
    await page.waitForSelector('.offline:not([hidden])');
  }],
  failed: ['/p/board?all=1', '.state-error', ZH], empty: ['/p/search?q=不存在的词', '.state', ZH],
};

async function shoot(browser, mock, address, folder, name) {
  const [path, sign, options, then] = SHOTS[name];
  mock.user = name.startsWith('sign-in') ? null : 'wang';
  if (name === 'failed')
    mock.faults.set('/board', {status: 503, body: {error: 'unavailable', detail: null, retry_ms: 1000}});
  const page = await browser.open(address + path, options);
  await page.waitForSelector(sign);
  await then?.(page, mock);
  await page.waitForTimeout(500);
  await page.screenshot({path: `${folder}/${name}.png`, fullPage: !name.startsWith('board')});
  mock.down = false;
  mock.faults.clear();
  await page.context().close();
}

const [folder, ...names] = process.argv.slice(2);
if (folder === undefined || folder === '--help') {
  console.log('node shots.mjs FOLDER [NAME…]');
  process.exit(64);
}
mkdirSync(folder, {recursive: true});
const mock = new Mock({incidents: 5000}), address = await mock.start(), browser = await Browser.start();
for (const name of names.length > 0 ? names : Object.keys(SHOTS)) {
  await shoot(browser, mock, address, folder, name);
  console.log(name);
}
await browser.stop();
await mock.stop();
