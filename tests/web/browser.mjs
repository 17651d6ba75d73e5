// Debian's Chromium without a head, driven by playwright-core; each test gets a window of its own and hears of every complaint of the console.
import {existsSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {chromium} from 'playwright-core';
import {patience} from './wait.mjs';

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

const WAIT_MS = 30000;

export const CHROMIUM = process.env.GP_CHROMIUM ?? '/usr/bin/chromium';
export const PHONE = {width: 360, height: 720};
export const DESK = {width: 1440, height: 900};

export function hasBrowser() {
  return existsSync(CHROMIUM);
}

/** One browser with an empty profile: open(address, options) → page. */
export class Browser {
  /** locale: of the browser's own words, as those of its fields for dates (Debian's chromium-l10n). */
  static async start(locale = 'en-US') {
    const browser = new Browser();
    browser.profile = mkdtempSync(join(tmpdir(), 'gp-web-'));
    browser.chromium = await chromium.launch({executablePath: CHROMIUM, headless: true, args: [...FLAGS, `--lang=${locale}`], env: {...process.env, LANGUAGE: locale.replace('-', '_'), HOME: browser.profile, XDG_CONFIG_HOME: browser.profile, XDG_CACHE_HOME: browser.profile}});
    return browser;
  }

  /** options: {viewport, locale, dark, prefs: {language, theme}, motion: with animations}; page.complaints is what the console and the page said that is wrong. */
  async open(address, {viewport = DESK, locale = 'zh-CN', dark = false, prefs = {}, touch = false, motion = false} = {}) {
    const context = await this.chromium.newContext({viewport, locale, colorScheme: dark ? 'dark' : 'light', hasTouch: touch, reducedMotion: motion ? 'no-preference' : 'reduce', timezoneId: 'America/New_York'});
    await context.addInitScript((kept) => {
      for (const [key, value] of Object.entries(kept)) {
        if (localStorage.getItem(`gridpost.${key}`) === null)
          localStorage.setItem(`gridpost.${key}`, value);
      }
    }, prefs);
    const page = await context.newPage();
    page.complaints = [];
    page.on('console', (message) => ['error', 'warning'].includes(message.type()) && page.complaints.push(message.text()));
    page.on('pageerror', (error) => page.complaints.push(String(error)));
    page.setDefaultTimeout(WAIT_MS * patience());
    await page.goto(address);
    return page;
  }

  async stop() {
    await this.chromium.close();
    rmSync(this.profile, {recursive: true, force: true});
  }
}
