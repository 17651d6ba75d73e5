// Codes and their names: the directory of the day.
import {get} from './api.js';
import {dots, language, named, word} from './i18n.js';

const empty = () => ({digest: '', city: '', areas: [], departments: [], lines: [], people: [], posts: [], categories: []});
let directory = empty();
let maps = {};

function index() {
  maps = {
    area: new Map(directory.areas.map((row) => [row.code, row])),
    department: new Map(directory.departments.map((row) => [row.code, row])),
    line: new Map(directory.lines.map((row) => [row.code, row])),
    person: new Map(directory.people.map((row) => [row.id, row])),
    post: new Map(directory.posts.map((row) => [row.id, row])),
    row: new Map(directory.categories.map((row) => [`${row.category}/${row.condition}`, row])),
    category: new Map(directory.categories.map((row) => [row.category, row])),
    children: new Map(),
  };
  for (const area of directory.areas) {
    const list = maps.children.get(area.parent ?? '') ?? [];
    list.push(area);
    maps.children.set(area.parent ?? '', list);
  }
}

index();

export async function loadDirectory() {
  directory = {...empty(), ...await get('/api/directory')};
  index();
}

export function theDirectory() {
  return directory;
}

/* ---------------------------------------------------------------- areas */

export function area(code) {
  return maps.area.get(code) ?? null;
}

export function childAreas(code) {
  return maps.children.get(code ?? '') ?? [];
}

export function areaName(code) {
  return code === null ? '' : maps.area.get(code)?.name ?? code;
}

/** From the topmost area to this one. */
export function areaChain(code) {
  const chain = [];
  for (let at = maps.area.get(code); at !== undefined && chain.length < 10; at = maps.area.get(at.parent))
    chain.unshift(at);
  return chain;
}

/** "新城街道 · 临湖社区02网格": what stands above, without the top. */
export function areaPath(code) {
  const chain = areaChain(code).slice(1);
  if (chain.length === 0)
    return areaName(code);
  return dots(chain.filter((one) => one.level !== 'community' || chain.length < 3 || one.code === code).map((one) => one.name));
}

/* ---------------------------------------------------------------- the rest */

export function departmentName(code) {
  const row = maps.department.get(code);
  return row === undefined ? code ?? '' : named(row);
}

export function lineName(code) {
  const row = maps.line.get(code);
  return row === undefined ? code ?? '' : named(row);
}

export function personName(id) {
  return id === null || id === undefined ? '' : maps.person.get(id)?.name ?? id;
}

export function post(id) {
  return maps.post.get(id) ?? null;
}

/** "条线专干 · 市政设施 · 临湖社区" */
export function postTitle(id) {
  const row = maps.post.get(id);
  if (row === undefined)
    return id ?? '';
  const place = row.areas.length === 1 ? areaName(row.areas[0]) : '';
  const matter = row.line !== null ? lineName(row.line) : row.department !== null ? departmentName(row.department) : '';
  return dots([word('kind', row.kind), matter, place]);
}

/** Both names of what a post does, to be found by whichever its user knows. */
export function matterNames(post) {
  const row = maps.line.get(post.line) ?? maps.department.get(post.department);
  return row === undefined ? '' : `${row.name_zh} ${row.name_en}`;
}

/** The catalogue's limit, as it is written there: "2uh+5wd". */
export function limitOf(category, condition) {
  return maps.row.get(`${category}/${condition}`)?.limit ?? '';
}

/** The name without its condition, or with it where it says more. */
export function categoryName(category, condition) {
  const row = maps.row.get(`${category}/${condition}`) ?? maps.category.get(category);
  if (row === undefined)
    return category ?? '';
  const extra = language() === 'zh' && row.condition_zh ? `（${row.condition_zh}）`
    : row.condition !== 'default' && condition !== undefined && condition !== null ? ` (${row.condition})` : '';
  return named(row) + extra;
}
