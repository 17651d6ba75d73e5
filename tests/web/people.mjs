// What somebody in front of the real pages does and sees, by what is written there: nothing here knows how the markup is made.
import {DESK} from './browser.mjs';
import {PASSWORD} from './real.mjs';

export const ZH = {user: '用户名', password: '密码', send: '登录'};
export const EN = {user: 'User name', password: 'Password', send: 'Sign in'};

export async function signIn(page, user, words = ZH, password = PASSWORD) {
  await page.getByLabel(words.user).fill(user);
  await page.getByLabel(words.password).fill(password);
  await page.getByRole('button', {name: words.send}).click();
}

/** Somebody at a desk of their own. The browser notes that nobody was signed in yet (401), which is no complaint. */
export async function comeIn(browser, address, user, {words = ZH, locale = 'zh-CN', ...options} = {}) {
  const page = await browser.open(address, {viewport: DESK, locale, ...options});
  await signIn(page, user, words);
  await page.getByRole('navigation', {name: words === EN ? 'Main navigation' : '主导航'}).waitFor();
  page.complaints.splice(0, page.complaints.length, ...page.complaints.filter((one) => !one.includes('401')));
  return page;
}

export const column = (page, name) => page.getByRole('region', {name, exact: true});
export const card = (page, name, text) => column(page, name).getByRole('link', {name: text});
export const heading = (page, ...words) => words.reduce((found, word) => found.and(page.getByRole('heading', {level: 1, name: word})), page.getByRole('heading', {level: 1}));
export const entry = (page, name) => page.getByRole('listitem').filter({has: page.getByRole('heading', {level: 3, name, exact: true})});
export const isLive = (page) => page.getByText('实时', {exact: true}).waitFor();

/** Opens a form by its button, fills it in, sends it. */
export async function act(page, verb, fill = async () => {}) {
  await page.getByRole('button', {name: verb, exact: true}).click();
  const form = page.getByRole('dialog');
  await fill(form);
  await form.getByRole('button', {name: verb, exact: true}).click();
  await form.waitFor({state: 'detached'});
}
