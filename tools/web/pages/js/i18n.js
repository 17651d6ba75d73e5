// The two languages, and how times, numbers and durations are written in each.
import {now} from './clock.js';
import {recall, remember} from './prefs.js';
import zh from './words_zh.js';
import en from './words_en.js';

const WORDS = {zh, en};

export const LANGUAGES = ['zh', 'en'];

export function language() {
  return document.documentElement.lang.startsWith('en') ? 'en' : 'zh';
}

export function setLanguage(code) {
  document.documentElement.lang = code === 'en' ? 'en' : 'zh-CN';
  remember('language', code);
}

export function hasWord(key) {
  return key in WORDS[language()];
}

/** The text of a key, with {names} filled in; `key_one` where there is one and n is 1. */
export function t(key, values) {
  const words = WORDS[language()];
  const one = values?.n === 1 ? words[`${key}_one`] : undefined;
  const text = one ?? words[key] ?? key;
  return values === undefined ? text
    : text.replace(/\{(\w+)\}/g, (all, name) => (name in values ? String(values[name]) : all));
}

/** A word of the daemon's in this language, or as it is: t('state.accepted'). */
export function word(group, name) {
  if (name === null || name === undefined)
    return '';
  const key = `${group}.${name}`;
  return hasWord(key) ? t(key) : String(name);
}

/** Whichever of a row's two names fits; English ones stand at the beginning of a line here. */
export function named(row) {
  if (language() === 'en' && row.name_en)
    return row.name_en[0].toUpperCase() + row.name_en.slice(1);
  return row.name_zh || row.name_en || '';
}

/** What belongs together, side by side: Chinese fonts give the dot its space. */
export function dots(parts) {
  return parts.filter(Boolean).join(language() === 'zh' ? '·' : ' · ');
}

/* ---------------------------------------------------------------- times: the city's, not the browser's */

const PARTS = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d))?(?:\.\d+)?(Z|[+-]\d\d:\d\d)?$/;
let zone = '+08:00';

function zoneMs(text) {
  if (text === undefined || text === 'Z')
    return 0;
  const sign = text[0] === '-' ? -1 : 1;
  return sign * (Number(text.slice(1, 3)) * 60 + Number(text.slice(4, 6))) * 60000;
}

function wall(text) {
  const found = PARTS.exec(text);
  if (found === null)
    return null;
  zone = found[7] ?? zone;
  return {year: +found[1], month: +found[2], day: +found[3], hour: found[4], minute: found[5], second: found[6] ?? '00'};
}

/** An instant as the city's clocks show it: "2026-10-08T08:40:00+08:00". */
export function isoAt(ms) {
  return new Date(ms + zoneMs(zone)).toISOString().slice(0, 19) + zone;
}

export function today() {
  return isoAt(now()).slice(0, 10);
}

/** The date so many days after another: both as 2026-10-08. */
export function addDays(date, days) {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * 86400000).toISOString().slice(0, 10);
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function dayText(parts, withYear) {
  if (language() === 'en')
    return `${parts.day} ${MONTHS[parts.month - 1]}${withYear ? ` ${parts.year}` : ''}`;
  return `${withYear ? `${parts.year}年` : ''}${parts.month}月${parts.day}日`;
}

export function dateText(text) {
  const parts = wall(text.length === 10 ? `${text}T00:00:00` : text);
  return parts === null ? text : dayText(parts, parts.year !== Number(today().slice(0, 4)));
}

export function timeText(text) {
  const parts = wall(text);
  return parts === null ? text : `${parts.hour}:${parts.minute}`;
}

export function dateTimeText(text) {
  if (text === null)
    return '–';
  const parts = wall(text);
  if (parts === null)
    return text;
  const day = text.slice(0, 10), base = today();
  if (day === base)
    return t('time.today', {time: timeText(text)});
  if (day === addDays(base, 1))
    return t('time.tomorrow', {time: timeText(text)});
  if (day === addDays(base, -1))
    return t('time.yesterday', {time: timeText(text)});
  return `${dateText(text)} ${timeText(text)}`;
}

/** Two units at most: "3 天 4 小时", "2 h 10 min"; whole minutes, rounded down. */
export function durationText(ms) {
  const minutes = Math.floor(Math.abs(ms) / 60000);
  const days = Math.floor(minutes / 1440), hours = Math.floor(minutes / 60) % 24;
  if (days > 0)
    return hours > 0 ? t('time.days_hours', {days, hours}) : t('time.days', {days});
  if (hours > 0)
    return minutes % 60 > 0 ? t('time.hours_minutes', {hours, minutes: minutes % 60}) : t('time.hours', {hours});
  return minutes > 0 ? t('time.minutes', {minutes}) : t('time.seconds', {seconds: Math.floor(Math.abs(ms) / 1000)});
}

/** A limit as the catalogue writes it ("1uh+3wd") in words. */
export function limitText(limit) {
  return limit.split('+').map((part) => {
    const found = /^(\d+)(wh|wd|uh|ud)$/.exec(part);
    return found === null ? part : t(`limit.${found[2]}`, {n: Number(found[1])});
  }).join(' + ');
}

/* ---------------------------------------------------------------- numbers */

export function numberText(value) {
  return value.toLocaleString('en-US');
}

/** Basis points as percent, rounded down; null is n/a. */
export function percentText(bp, digits = 1) {
  if (bp === null || bp === undefined)
    return t('number.none');
  const scale = 10 ** digits;
  return `${(Math.floor(bp * scale / 100) / scale).toFixed(digits)}%`;
}

export function hundredthsText(value) {
  return value === null || value === undefined ? t('number.none') : (value / 100).toFixed(2);
}
