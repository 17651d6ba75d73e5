// What pickers offer: the directory as options.
import {areaPath, categoryName, departmentName, lineName, matterNames, postTitle, theDirectory} from './names.js';
import {limitText, t, word} from './i18n.js';

export function areaOptions(level) {
  return theDirectory().areas.filter((one) => level === undefined || one.level === level)
    .map((one) => ({value: one.code, text: areaPath(one.code), hint: word('level', one.level)}));
}

export function departmentOptions() {
  return [['', t('filter.any_department')], ...theDirectory().departments.map((one) => [one.code, departmentName(one.code)])];
}

export function lineOptions() {
  return theDirectory().lines.map((one) => [one.code, lineName(one.code)]);
}

export function postOptions() {
  return theDirectory().posts.map((one) => ({value: one.id, text: postTitle(one.id), hint: one.id, also: matterNames(one)}));
}

/** One for each category and condition; the value is "01-13/default". */
export function categoryOptions() {
  return theDirectory().categories.map((one) => ({
    value: `${one.category}/${one.condition}`, text: categoryName(one.category, one.condition), hint: `${one.category} ${limitText(one.limit)}`, also: `${one.name_zh} ${one.name_en}`,
  }));
}
