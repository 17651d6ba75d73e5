// Where measurements and pictures are taken: of the mock, or of a real server that --address names.
import {parseArgs} from 'node:util';
import {Mock} from './mock.mjs';

export const SITE_OPTIONS = {address: {type: 'string'}, user: {type: 'string', default: 'wang'}, incidents: {type: 'string'}, help: {type: 'boolean', default: false}};

/** The command line with its own options besides a site's; prints usage and ends where it makes no sense, or help is asked for. */
export function words(usage, options = {}) {
  let read;
  try {
    read = parseArgs({options: {...SITE_OPTIONS, ...options}, allowPositionals: true});
  } catch (error) {
    console.error(error.message);
  }
  if (read === undefined || read.values.help) {
    console.log(usage);
    process.exit(read === undefined ? 64 : 0);
  }
  return read;
}

/** {address, mock (null of a real server), enter(page), stop()}; enter signs in where the page asks for it, with the password in GP_PASSWORD. */
export async function openSite({address, user, incidents}, mockOptions) {
  const mock = address === undefined ? new Mock({...mockOptions, ...(incidents === undefined ? {} : {incidents: Number(incidents)})}) : null;
  const at = mock === null ? address.replace(/\/$/, '') : await mock.start();

  async function enter(page) {
    await page.waitForSelector('.sign-form, .shell');
    if (await page.locator('.sign-form').count() === 0)
      return;
    await page.fill('input[name=user]', user);
    await page.fill('input[name=password]', process.env.GP_PASSWORD ?? 'demo');
    await page.click('button[type=submit]');
    await page.waitForSelector('.shell');
  }

  return {address: at, mock, enter, stop: async () => mock?.stop()};
}
