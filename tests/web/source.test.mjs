// What can be said of the pages by reading them: no way in for foreign markup, no word that one language lacks.
import assert from 'node:assert/strict';
import {readFileSync, readdirSync, statSync} from 'node:fs';
import {test} from 'node:test';
import {pathToFileURL} from 'node:url';
import {PAGES} from './mock.mjs';

const LINES_MAX = 600;
const scripts = readdirSync(`${PAGES}js`).filter((name) => name.endsWith('.js'));
const sheets = readdirSync(`${PAGES}css`);
const text = (name) => readFileSync(PAGES + name, 'utf8');
const sources = scripts.map((name) => [name, text(`js/${name}`)]);

test('no script makes markup or code out of text', () => {
  const forbidden = /innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|DOMParser|setHTML|srcdoc|\beval\(|new Function|setTimeout\(\s*['"`]|javascript:/;
  for (const [name, source] of sources)
    assert.doesNotMatch(source, forbidden, name);
});

test('index.html has no script, style or handler of its own', () => {
  const html = text('index.html');
  assert.doesNotMatch(html, /<style|\sstyle=|\son[a-z]+=/);
  for (const [, attributes, content] of html.matchAll(/<script([^>]*)>([^<]*)<\/script>/g)) {
    assert.match(attributes, /src="\/static\//);
    assert.equal(content, '');
  }
});

test('nothing comes from elsewhere', () => {
  for (const [name, source] of [...sources, ['index.html', text('index.html')], ...sheets.map((one) => [one, text(`css/${one}`)])]) {
    const addresses = (source.match(/https?:\/\/[^\s'"`)]+/g) ?? []).filter((one) => one !== 'http://www.w3.org/2000/svg');
    assert.deepEqual(addresses, [], name);
  }
});

test('every module is loaded ahead, and every file that index.html names is there', () => {
  const html = text('index.html');
  for (const name of scripts)
    assert.ok(html.includes(`"/static/js/${name}"`), `${name} is not in index.html`);
  for (const [, name] of html.matchAll(/"\/static\/([^"]+)"/g))
    assert.ok(text(name).length > 0, name);
});

test('files are short enough to be read', () => {
  for (const [name, source] of [...sources, ...sheets.map((one) => [one, text(`css/${one}`)])])
    assert.ok(source.split('\n').length <= LINES_MAX, name);
});

/* ---------------------------------------------------------------- words */

const words = async (code) => (await import(pathToFileURL(`${PAGES}js/words_${code}.js`))).default;

test('both languages have the same keys, with the same values to fill in', async () => {
  const zh = await words('zh'), en = await words('en');
  assert.deepEqual(Object.keys(zh), Object.keys(en));
  const holes = (one) => [...new Set(one.match(/\{\w+\}/g) ?? [])].sort();
  for (const key of Object.keys(zh)) {
    assert.notEqual(zh[key], '', key);
    assert.notEqual(en[key], '', key);
    if (!key.endsWith('_one'))
      assert.deepEqual(holes(zh[key]), holes(en[key]), key);
  }
});

test('every key that a page asks for is there', async () => {
  const zh = await words('zh');
  for (const [name, source] of sources) {
    for (const [, key] of source.matchAll(/\bt\('([\w.]+)'/g))
      assert.ok(key in zh, `${name}: ${key}`);
    for (const [, group] of source.matchAll(/\bt\(`(\w+)\.\$\{/g))
      assert.ok(Object.keys(zh).some((key) => key.startsWith(`${group}.`)), `${name}: ${group}`);
    for (const [, group] of source.matchAll(/\bword\('(\w+)'/g))
      assert.ok(Object.keys(zh).some((key) => key.startsWith(`${group}.`)), `${name}: ${group}`);
  }
});

test('every word of the daemon has one in each language', async () => {
  const zh = await words('zh'), root = process.env.GP_SOURCE ?? new URL('../../', import.meta.url).pathname;
  const listed = (file, macro) => {
    const found = new RegExp(`#define ${macro}\\(X\\)((?:.*\\\\\\n)*.*\\n)`).exec(readFileSync(`${root}daemon/core/${file}`, 'utf8'));
    assert.ok(found !== null, macro);
    return [...found[1].matchAll(/"([a-z_0-9A-Z]+)"/g)].map(([, one]) => one);
  };
  const groups = [['incident.h', 'GP_STATES', 'state'], ['entry.h', 'GP_WHATS', 'what'], ['entry.h', 'GP_FLAGS', 'flag'], ['org.h', 'GP_POST_KINDS', 'kind'], ['org.h', 'GP_STEPS', 'step'], ['staff.h', 'GP_LEAVE_STATES', 'leave'], ['incident.h', 'GP_RETURN_REASONS', 'return']];
  for (const [file, macro, group] of groups) {
    for (const one of listed(file, macro))
      assert.ok(`${group}.${one}` in zh, `${group}.${one}`);
  }
  const reasons = [...readFileSync(`${root}daemon/core/reason.h`, 'utf8').matchAll(/X\(GP_REASON_\w+, \d+, "(\w+)"/g)].map(([, one]) => one);
  assert.ok(reasons.length > 30);
  for (const one of reasons.filter((reason) => reason !== 'ok'))
    assert.ok(`reason.${one}` in zh, one);
});

/* ---------------------------------------------------------------- documents */

const PICTURE_BYTES_MAX = 60 * 1024;

test('each page has a picture in docs/PAGES.md, in both languages, and no picture is left over', () => {
  const root = process.env.GP_SOURCE ?? new URL('../../', import.meta.url).pathname;
  const names = [...new Set([...text('js/main.js').matchAll(/\['\/[\w/:]*', '(\w+)'\]/g)].map(([, name]) => name)), 'sign-in'];
  assert.ok(names.length > 8);
  const files = readdirSync(`${root}docs/images/web`);
  for (const file of files)
    assert.ok(statSync(`${root}docs/images/web/${file}`).size <= PICTURE_BYTES_MAX, file);
  for (const page of ['PAGES.md', 'PAGES.zh-CN.md']) {
    const shown = [...readFileSync(`${root}docs/${page}`, 'utf8').matchAll(/images\/web\/([\w-]+\.webp)/g)].map(([, file]) => file);
    for (const name of names)
      assert.ok(shown.includes(`${name}.webp`), `${page} has no picture of ${name}`);
    assert.deepEqual([...shown].sort(), [...files].sort(), page);
  }
});
