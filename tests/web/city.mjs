// A made-up city for the mock: areas, posts, people, and any number of open incidents. The same every time.

export const SURNAMES = '赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜';
export const GIVEN = ['建国', '秀英', '敏', '静', '丽', '强', '磊', '军', '洋', '勇', '艳', '杰', '娟', '涛', '明', '超', '秀兰', '霞', '平', '刚', '桂英', '晓燕', '志远', '雨桐'];
const STREETS = ['东郊街道', '新城街道', '狮子山街道', '长江路街道', '扫把沟街道', '西湖街道'];
const COMMUNITIES = ['开源', '联盟', '天山', '临湖', '翠湖', '湖滨', '映湖', '朝阳', '五松', '官塘', '石城', '滨江'];

export const DEPARTMENTS = [
  ['CG', '城市管理综合行政执法局', 'urban management enforcement'], ['HW', '环境卫生管理处', 'environmental sanitation'], ['SZ', '市政工程管理处', 'municipal works'],
  ['LH', '园林绿化中心', 'parks and greenery'], ['PS', '排水管理处', 'drainage'], ['XF', '消防救援大队', 'fire and rescue'], ['SC', '市场监督管理局', 'market regulation'], ['FG', '房产管理局', 'housing administration'],
].map(([code, name_zh, name_en]) => ({code, name_zh, name_en}));

export const LINES = [
  ['shirong', '市容环境', 'city appearance', 'CG'], ['huanwei', '环境卫生', 'sanitation', 'HW'], ['shizheng', '市政设施', 'municipal works', 'SZ'], ['lvhua', '园林绿化', 'greenery', 'LH'],
  ['paishui', '排水', 'drainage', 'PS'], ['xiaofang', '消防安全', 'fire safety', 'XF'], ['shichang', '市场监管', 'market regulation', 'SC'], ['fangwu', '房屋物业', 'housing and property', 'FG'],
].map(([code, name_zh, name_en, department]) => ({code, name_zh, name_en, department}));

export const CATEGORIES = [
  ['01-10', '暴露垃圾', 'exposed rubbish', 'huanwei', 'HW', '4wh', true], ['01-12', '道路不洁', 'dirty road', 'huanwei', 'HW', '2wh', false], ['01-13', '道路破损', 'damaged road', 'shizheng', 'SZ', '5wd', false],
  ['01-17', '绿地脏乱', 'dirty green space', 'lvhua', 'LH', '4wh', false], ['01-29', '露天烧烤', 'open-air barbecue', 'shirong', 'CG', '2uh', false], ['01-36', '乱堆物堆料', 'piled goods', 'shirong', 'CG', '1wd', true],
  ['02-01', '非法小广告', 'illegal stickers', 'shirong', 'CG', '1wd', true], ['05-02', '井盖缺失', 'missing manhole cover', 'paishui', 'PS', '1uh', false], ['05-08', '路灯不亮', 'street light out', 'shizheng', 'SZ', '1wd', false],
  ['06-01', '消防通道堵塞', 'blocked fire lane', 'xiaofang', 'XF', '2uh', false], ['07-03', '占道经营', 'shop on the pavement', 'shichang', 'SC', '4wh', false], ['08-02', '外墙脱落', 'falling facade', 'fangwu', 'FG', '1uh', false],
].map(([category, name_zh, name_en, line, department, limit, on_spot]) => ({category, condition: 'default', name_zh, name_en, condition_zh: null, line, department, limit, on_spot, informed: false}));

const TEXTS = {
  '01-10': ['人行道上堆着三袋建筑垃圾，影响通行，已有居民反映两次。', '垃圾房外堆满生活垃圾，有异味。'], '01-12': ['早市散后路面有菜叶和积水，未清扫。', '渣土车遗撒，约二十米路面有泥。'],
  '01-13': ['沥青路面坑洞约四十厘米，电动车绕行。', '人行道地砖缺失七块，老人绊倒过一次。'], '01-17': ['绿化带内有大量塑料袋和外卖盒。', '草坪被车辆碾压，泥土外露。'],
  '01-29': ['烧烤摊占用非机动车道，烟大。', '夜市三家摊位露天烧烤，油污流到路面。'], '01-36': ['楼道内堆放旧家具，轮椅过不去。', '沿街店铺门前堆放装修材料。'],
  '02-01': ['沿街墙面新贴小广告二十余处。', '公交站牌贴满开锁广告。'], '05-02': ['井盖缺失，已放置锥桶，请尽快更换。', '污水井盖移位，露出半个井口，近学校门口。'],
  '05-08': ['小区北门外路灯连续四晚不亮，老人摔倒过一次。', '整条巷子路灯全灭。'], '06-01': ['消防通道停了两辆面包车，车主联系不上。', '电动车堵住消防通道，现场充电。'],
  '07-03': ['水果店把货架摆到盲道上。', '三个流动摊位占住公交站台。'], '08-02': ['外墙瓷砖松动，下方是幼儿园接送点。', '五楼外墙保温层脱落，已拉警戒线。'],
};

export const STATES = ['reported', 'dispatched', 'accepted', 'finished', 'verified', 'returned', 'arbitration', 'suspended', 'rework', 'reopened', 'duplicate'];
const WEIGHTS = [4, 26, 38, 10, 7, 3, 1, 4, 4, 2, 1];

/** Numbers that look random and are not. */
export function chance(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 4294967296;
  };
}

/* ---------------------------------------------------------------- areas, people, posts */

function makeAreas() {
  const areas = [{code: '340705', level: 'district', name: '铜官区', parent: null}];
  STREETS.forEach((street, i) => {
    const streetCode = `340705${String(i + 1).padStart(3, '0')}`;
    areas.push({code: streetCode, level: 'street', name: street, parent: '340705'});
    for (let j = 0; j < 8; j++) {
      const code = `${streetCode}${String(j + 1).padStart(3, '0')}`, name = `${COMMUNITIES[(i * 5 + j) % COMMUNITIES.length]}社区`;
      areas.push({code, level: 'community', name, parent: streetCode});
      for (let k = 1; k <= 6; k++)
        areas.push({code: `${code}${String(k).padStart(3, '0')}`, level: 'grid', name: `${name}${String(k).padStart(2, '0')}网格`, parent: code});
    }
  });
  return areas;
}

function makeStaff(areas, random) {
  const people = [], posts = [], holder = new Map();
  const hire = (id) => {
    people.push({id, name: SURNAMES[Math.floor(random() * SURNAMES.length)] + GIVEN[Math.floor(random() * GIVEN.length)]});
    return id;
  };
  const post = (id, kind, area, line, department, person) => {
    posts.push({id, kind, areas: area === null ? [] : [area], line, department});
    holder.set(id, person);
  };
  for (const area of areas) {
    const tail = area.code.slice(6);
    if (area.level === 'street') {
      for (const kind of ['SK', 'S1', 'S2'])
        post(`${kind}-${area.code}`, kind, area.code, null, null, hire(`${kind.toLowerCase()}${tail}`));
    } else if (area.level === 'community') {
      for (const kind of ['D1', 'D2', 'R'])
        post(`${kind}-${area.code}`, kind, area.code, null, null, hire(`${kind.toLowerCase()}${tail}`));
      const workers = [1, 2, 3, 4].map((n) => hire(`w${tail}0${n}`));
      LINES.forEach((line, i) => post(`A-${line.code}-${area.code}`, 'A', area.code, line.code, null, i === 5 && random() < 0.3 ? null : workers[i % 4]));
    } else if (area.level === 'grid') {
      post(`B-${area.code}`, 'B', area.code, null, null, `w${tail.slice(0, 6)}0${1 + Number(tail.slice(-1)) % 4}`);
    }
  }
  for (const {code} of DEPARTMENTS) {
    for (const kind of ['F', 'K', 'H', 'H2'])
      post(`${kind}-${code}`, kind, null, null, code, hire(`${code.toLowerCase()}-${kind.toLowerCase()}`));
  }
  return {people, posts, holder};
}

/* ---------------------------------------------------------------- incidents */

const HOUR = 3600000;

function pickState(random) {
  let at = random() * WEIGHTS.reduce((sum, one) => sum + one, 0);
  return STATES[WEIGHTS.findIndex((one) => (at -= one) < 0)] ?? 'accepted';
}

/** Some streets and communities keep their times better than others. */
function lateIn(code) {
  return [0.02, 0.05, 0.01, 0.13, 0.03, 0.08][Number(code[8]) % 6] * [0.2, 1, 2, 0.6, 1.4, 0, 3, 0.8][Number(code[11]) % 8];
}

/** One incident: a board row with instants in ms, and what the incident page needs beyond it. */
export function makeIncident(city, number, random, now, some = {}) {
  const grids = city.grids, grid = grids[Math.floor(random() * grids.length)];
  const row = CATEGORIES[Math.floor(random() * CATEGORIES.length)];
  const state = some.state ?? pickState(random);
  const community = grid.parent, urgent = row.limit.endsWith('uh');
  const late = random() < lateIn(grid.code), allowance = urgent ? 2 * HOUR : (4 + random() * 68) * HOUR;
  const dueMs = now + (late ? -random() * 30 * HOUR : random() ** 1.6 * allowance);
  const isLate = dueMs < now && !['finished', 'verified'].includes(state);
  const running = ['dispatched', 'accepted', 'rework', 'reopened', 'finished'].includes(state);
  const owner = isLate ? `F-${row.department}` : `A-${row.line}-${community}`;
  return {
    incident: number, version: 2 + Math.floor(random() * 4), state, area: grid.code, category: row.category, condition: 'default', line: row.line, department: row.department,
    text: TEXTS[row.category][Math.floor(random() * TEXTS[row.category].length)], private: random() < 0.01, owner: state === 'reported' ? null : owner, owner_person: state === 'reported' ? null : city.holder.get(owner),
    receivedMs: dueMs - allowance, dueMs: running ? dueMs : null, warnMs: running ? dueMs - allowance * (urgent ? 0.5 : 0.2) : null, warn_bp: urgent ? 5000 : 8000,
    overdue: running && isLate, urgent, allowance, reporter: city.holder.get(`B-${grid.code}`) ?? null, ...some,
  };
}

export function makeCity(seed) {
  const random = chance(seed), areas = makeAreas();
  const staff = makeStaff(areas, random);
  const grids = areas.filter((one) => one.level === 'grid');
  return {areas, grids, ...staff, directory: {digest: 'd1', city: '铜陵市', areas, departments: DEPARTMENTS, lines: LINES, people: staff.people, posts: staff.posts, categories: CATEGORIES}};
}

export function makeIncidents(city, count, now) {
  const random = chance(7), list = [];
  for (let number = 1; number <= count; number++)
    list.push(makeIncident(city, number, random, now));
  return list;
}

/** Outlines: a crooked chessboard, so that neighbours share their borders; a street is four by two communities of it. */
export function makeGeo(city) {
  const random = chance(3), corner = Array.from({length: 5}, () => Array.from({length: 13}, () => [random() - 0.5, random() - 0.5]));
  const point = ([x, y]) => [117.8 + (x + corner[y][x][0] * 0.7) * 0.012, 30.95 - (y + corner[y][x][1] * 0.7) * 0.011];
  const edge = (x, y, wide, high) => {
    const round = [];
    for (let i = 0; i < wide; i++)
      round.push([x + i, y]);
    for (let i = 0; i < high; i++)
      round.push([x + wide, y + i]);
    for (let i = wide; i > 0; i--)
      round.push([x + i, y + high]);
    for (let i = high; i > 0; i--)
      round.push([x, y + i]);
    return [...round, round[0]].map(point);
  };
  const streets = city.areas.filter((one) => one.level === 'street'), communities = city.areas.filter((one) => one.level === 'community');
  const at = (i) => [i % 3 * 4, Math.floor(i / 3) * 2];
  return [
    ...streets.map((one, i) => ({type: 'Feature', properties: {area: one.code}, geometry: {type: 'MultiPolygon', coordinates: [[edge(...at(i), 4, 2)]]}})),
    ...communities.map((one, i) => {
      const [x, y] = at(Math.floor(i / 8));
      return {type: 'Feature', properties: {area: one.code}, geometry: {type: 'Polygon', coordinates: [edge(x + i % 4, y + Math.floor(i % 8 / 4), 1, 1)]}};
    }),
  ];
}
