// What happens in the city of the pictures (gallery.mjs): a year that is over, and a Tuesday morning on which something is the matter everywhere. The same every time.
import {chance} from './city.mjs';

export const NOW = Date.parse('2026-11-24T10:20:00+08:00');
export const BEGIN = Date.parse('2025-12-08T08:00:00+08:00');
export const STREET = '340705006';
export const TEXT = '人行道井盖缺失，洞口约六十厘米，已放锥桶，旁边是学校'; // of the incident whose page is shown

const HOUR = 3600000, MINUTE = 60000, DAY = 24 * HOUR, ZONE = 8 * HOUR;
const OF_A_DAY = 56, OPEN_HERE = 74, OPEN_ELSEWHERE = 110;
// Tuesdays of which incidents are remembered; none is near a holiday.
const DAYS = ['2025-12-16', '2026-01-13', '2026-02-03', '2026-03-17', '2026-04-14', '2026-05-19', '2026-06-09', '2026-07-14', '2026-08-18', '2026-09-15', '2026-10-13', '2026-11-03', '2026-11-10', '2026-11-17'];
const WORKDAY = 8 * HOUR, OPENS = [8, 14], SHUTS = [12, 18]; // hours of a working day
const DAYS_OFF = new Set([0, 6]);

/** category, condition, limit (uh: hours, wh: working hours, wd: to the end of so many working days), what people write. */
const MATTERS = [
  ['01-10', 'default', 4, 'wh', ['人行道上堆着三袋建筑垃圾，影响通行', '垃圾房外堆满生活垃圾，有异味']],
  ['01-12', 'default', 2, 'wh', ['早市散后路面有菜叶和积水，未清扫', '渣土车走过，约二十米路面有泥']],
  ['01-13', 'default', 5, 'wd', ['沥青路面坑洞约四十厘米，电动车绕行', '人行道地砖缺失七块，老人绊倒过一次']],
  ['01-17', 'default', 4, 'wh', ['绿化带内有大量塑料袋和外卖盒', '草坪被车辆碾压，泥土外露']],
  ['01-29', 'default', 2, 'uh', ['烧烤摊占用非机动车道，烟大', '三家摊位露天烧烤，油污流到路面']],
  ['01-36', 'default', 1, 'wd', ['楼道内堆放旧家具，轮椅过不去', '沿街店铺门前堆放装修材料']],
  ['02-01', 'default', 1, 'wd', ['沿街墙面新贴小广告二十余处', '公交站牌贴满开锁广告']],
  ['04-06', 'default', 2, 'uh', ['水果店把货架摆到盲道上', '三个流动摊位占住公交站台']],
  ['04-09', 'default', 2, 'wh', ['货车停在小区出入口，车主联系不上', '人行道上停了五辆小车']],
  ['04-96', 'default', 2, 'wh', ['消防通道停了两辆面包车', '电动车堵住消防通道']],
  ['05-03', 'blocked', 4, 'wh', ['污水井冒水，流到人行道', '雨水箅子被落叶堵死']],
  ['C01-01', 'broken', 4, 'wh', ['井盖开裂，车辆经过时翘起', '井盖缺一角，行人绕行']],
  ['C01-37', 'single', 2, 'wd', ['北门外路灯连续四晚不亮', '路口一盏路灯整夜不亮']],
  ['C03-05', 'broken', 3, 'wd', ['果皮箱内胆丢失', '垃圾箱箱门脱落，垃圾外溢']],
  ['C04-02', 'dead', 2, 'wd', ['行道树枯死两株，有断枝风险']],
  ['S-01', 'hazard', 1, 'wd', ['楼梯间私拉电线给电动车充电', '仓库门口堆放泡沫箱，灭火器过期']],
];
const URGENT = ['C01-01', 'missing', 2, 'uh', [TEXT]];

/* ---------------------------------------------------------------- working time */

const midnight = (at) => Math.floor((at + ZONE) / DAY) * DAY - ZONE;
const isOff = (day) => DAYS_OFF.has(new Date(day + ZONE).getUTCDay());

/** So much working time before (negative: behind) an instant. */
function workBefore(at, ms) {
  const back = ms >= 0, spans = OPENS.map((hour, i) => [hour * HOUR, SHUTS[i] * HOUR]);
  let left = Math.abs(ms);
  for (let day = midnight(at); ; day += back ? -DAY : DAY) {
    for (const [from, to] of isOff(day) ? [] : back ? [...spans].reverse() : spans) {
      const room = back ? Math.min(at, day + to) - (day + from) : day + to - Math.max(at, day + from);
      if (room >= left && room > 0)
        return back ? Math.min(at, day + to) - left : Math.max(at, day + from) + left;
      left -= Math.max(0, room);
    }
  }
}

/** When an incident of then is due. */
function dueOf(at, [, , count, unit]) {
  const end = (day) => midnight(day) + SHUTS[1] * HOUR;
  return unit === 'uh' ? at + count * HOUR : unit === 'wh' ? workBefore(at, -count * HOUR) : end(workBefore(at, -count * WORKDAY));
}

/** When one was reported of whose limit this part is used now. */
function reportedAt([, , count, unit], used, random) {
  if (unit !== 'wd')
    return unit === 'uh' ? NOW - count * HOUR * used : workBefore(NOW, count * HOUR * used);
  if (used < 1)
    return workBefore(NOW, count * WORKDAY * used);
  return workBefore(workBefore(NOW, WORKDAY), count * WORKDAY - random() * 5 * HOUR); // it ended yesterday
}

/* ---------------------------------------------------------------- incidents */

/** One incident: [instant, who, verb, keys] each; who is reporter, worker (whose post answers first), head (who has it when it is late), owner (whichever of them has it), desk (of its street). */
function closed(at, matter, grid, late, random) {
  const [category, condition, , , texts] = matter, due = dueOf(at, matter), prompt = random() < 0.96;
  const accept = at + (matter[3] === 'uh' ? (prompt ? 3 + random() * 10 : 25) * MINUTE : (due - at) * (prompt ? 0.01 + random() * 0.06 : 0.3));
  const finish = late ? due + (0.5 + random() * 4) * HOUR : at + (due - at) * (0.4 + random() * 0.4);
  const acts = [[at, 'reporter', 'report', {grid, category, condition, text: texts[Math.floor(random() * texts.length)]}], [accept, 'worker', 'accept', {}], [finish, late ? 'head' : 'worker', 'finish', {text: '已处理，现场恢复'}]];
  let checked = finish + (20 + random() * 60) * MINUTE;
  if (random() < 0.1 && checked + HOUR < due) {
    acts.push([checked, 'desk', 'verify', {result: 'fail', text: '没有清理干净'}], [checked + 40 * MINUTE, 'owner', 'finish', {text: '已返工'}]);
    checked += 90 * MINUTE;
  }
  return [...acts, [checked, 'desk', 'verify', {result: 'pass'}], [checked + 10 * MINUTE, 'desk', 'close', {}]];
}

/** How an open one stands now, and how often. */
const STANDS = [['dispatched', 26], ['accepted', 40], ['finished', 10], ['verified', 6], ['returned', 4], ['suspended', 5], ['rework', 4]];

function draw(random) {
  let at = random() * STANDS.reduce((sum, [, weight]) => sum + weight, 0);
  return STANDS.find(([, weight]) => (at -= weight) < 0)[0];
}

function open(matter, grid, used, stands, random) {
  const [category, condition, , , texts] = matter, at = reportedAt(matter, used, random), left = NOW - at, late = used >= 1;
  const acts = [[at, 'reporter', 'report', {grid, category, condition, text: texts[Math.floor(random() * texts.length)]}]];
  const add = (part, who, verb, keys = {}) => acts.push([Math.round(at + left * part), who, verb, keys]);
  if (stands === 'returned') {
    acts.push([at + Math.min(left, 4 * MINUTE), 'worker', 'return', {reason: 'wrong_line', text: '不属本条线'}]);
    return acts;
  }
  if (stands !== 'dispatched' && !(late && stands !== 'accepted'))
    add(0.1 + random() * 0.1, 'worker', 'accept');
  if (['finished', 'verified', 'rework'].includes(stands) && !late)
    add(0.5, 'worker', 'finish', {text: '已清理，现场恢复'});
  if (stands === 'verified' && !late)
    add(0.7, 'desk', 'verify', {result: 'pass'});
  if (stands === 'rework' && !late)
    add(0.7, 'desk', 'verify', {result: 'fail', text: '现场还有残留'});
  if (stands === 'suspended' && !late)
    add(0.5, 'desk', 'suspend', {until: '2026-12-04', text: '等材料到货'});
  return acts;
}

/** How much of its limit is used: most have time, some are warned, some late. */
function drawUsed(random, late) {
  const at = random();
  return at < late ? 1.03 + random() * 0.5 : at < late + 0.14 ? 0.83 + random() * 0.15 : 0.06 + random() * 0.66;
}

/** Some communities and departments keep their times better than others, and everybody does better in summer than in winter. */
function lateIn(grid, [category], month) {
  return [0.04, 0.09, 0.03, 0.2, 0.06, 0.12, 0.08, 0.14, 0.05][Number(grid[11])] * ({'01-1': 0.6, '04-0': 1.5, '05-0': 2}[category.slice(0, 4)] ?? 1) * (1.5 - 0.7 * Math.sin(Math.PI * month / 12));
}

function pick(list, random) {
  return list[Math.floor(random() * list.length)];
}

/** grids: of the whole city. Gives incidents, each a list of acts: [instant, who, verb, keys]. */
export function year(grids) {
  const random = chance(20261124), here = grids.filter((one) => one.startsWith(STREET)), elsewhere = grids.filter((one) => !one.startsWith(STREET)), all = [];
  for (const day of DAYS) {
    for (let i = 0; i < OF_A_DAY; i++) {
      const matter = pick(MATTERS.filter(([, , count, unit]) => unit !== 'wd' || count === 1), random), grid = pick(here, random);
      all.push(closed(Date.parse(`${day}T08:30:00+08:00`) + i * 4 * MINUTE, matter, grid, random() < lateIn(grid, matter, Number(day.slice(5, 7))), random));
    }
  }
  for (let i = 0; i < OPEN_HERE; i++)
    all.push(open(pick(MATTERS, random), pick(here, random), drawUsed(random, 0.06), draw(random), random));
  for (let i = 0; i < OPEN_ELSEWHERE; i++) {
    const grid = pick(elsewhere, random);
    all.push(open(pick(MATTERS, random), grid, drawUsed(random, {340705005: 0, 340705100: 0.03, 340705400: 0.2}[grid.slice(0, 9)] ?? Number(grid[8]) % 4 * 0.05), random() < 0.3 ? 'accepted' : 'dispatched', random));
  }
  all.push(open(URGENT, '340705006001002', 1.085, 'accepted', random));
  return all;
}
