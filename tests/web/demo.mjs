// Incidents of a running city (real.mjs), one in each state at least: for tests that look at every page, and for pictures of them.
import {HOUR_MS, MINUTE_MS} from './real.mjs';

export const HOSTILE = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>"><svg onload=window.hacked=1>{name} ${alert(1)}';

const DONE = [['li', 'accept'], ['li', 'finish', {text: '已修复，现场恢复'}]];
const CHECKED = [...DONE, ['jiedao', 'verify', {result: 'pass'}]];

/** text, what a report says besides, and what is done to it by whom: [user, verb, keys]. */
const EARLY = [['沥青路面坑洞，车辆绕行', {category: 'u2'}, []], ['人行道地砖松动', {category: 'u2'}, [['li', 'accept']]]]; // both go over their limit
const REST = [
  ['窨井盖移位', {category: 'u2'}, []],
  ['路灯三盏不亮', {category: 'n4'}, [['li', 'accept']]],
  ['护栏断裂', {category: 'n8'}, DONE],
  ['标线磨损', {category: 'n2d'}, CHECKED],
  ['树枝遮挡信号灯', {category: 'n4'}, [...CHECKED, ['jiedao', 'close']]],
  ['台阶破损', {category: 'n4'}, [...DONE, ['jiedao', 'verify', {result: 'fail', text: '还有一级没有修'}]]],
  ['积水', {category: 'n4'}, [...CHECKED, ['jiedao', 'close'], ['jiedao', 'reopen', {text: '雨后又积水'}]]],
  ['道路扬尘', {category: 'm4'}, []],
  ['有人反映噪声，现场没有', {category: 'n4'}, [['jiedao', 'void', {text: '不属实'}]]],
  ['燃气管道裸露', {category: 'n4'}, [['li', 'return', {reason: 'wrong_line', suggest: 'F-GS', text: '属供水公司'}]]],
  ['线缆垂落', {category: 'n4'}, [['li', 'return', {reason: 'no_power', text: '产权不明'}], ['jiedao', 'rule', {result: 'accept', owner: 'F-SZ'}], ['shizheng', 'return', {reason: 'wrong_line', text: '不是市政线缆'}]]],
  ['桥面伸缩缝损坏', {category: 'l5'}, [['li', 'accept'], ['jiedao', 'suspend', {until: '2026-06-25', text: '等汛期过后施工'}]]],
  ['居民家中纠纷', {category: 'p4'}, [['li', 'accept']]],
  [HOSTILE, {category: 'n4'}, [['li', 'note', {text: HOSTILE}]]],
];

async function make(city, users, [text, keys, acts]) {
  const number = await city.report(text, keys);
  for (const [user, verb, more] of acts) {
    users.set(user, users.get(user) ?? await city.user(user));
    await users.get(user).act(number, verb, more);
  }
  return number;
}

/** Makes them. Gives text → number. */
export async function demo(city) {
  const numbers = new Map(), users = new Map();
  for (const one of EARLY)
    numbers.set(one[0], await make(city, users, one));
  city.pass(2 * HOUR_MS + 5 * MINUTE_MS);
  for (const one of REST)
    numbers.set(one[0], await make(city, users, one));
  numbers.set('又是窨井盖', await make(city, users, ['又是窨井盖', {category: 'u2'}, [['jiedao', 'link', {to: numbers.get('窨井盖移位')}]]]));
  return numbers;
}
