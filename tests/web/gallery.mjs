// The city of which docs/PAGES.md has pictures: the sample city of config/ with its outlines, people who have names, a year of incidents, posts that nobody holds and
// hours without anybody. A real gridpostd and gridpost-web; what happens there says year.mjs, and it happens at its time by the daemon's clock.
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {chance, GIVEN, SURNAMES} from './city.mjs';
import {City, PASSWORD} from './real.mjs';
import {until} from './wait.mjs';
import {BEGIN, NOW, STREET, TEXT, year} from './year.mjs';

export const PEOPLE = {desk: 'paidan', department: 'shizheng', whole: 'lingdao', city: 'zhihui'};

const EXACT_MS = 150 * 60000; // so long before NOW the clock stops at each step: what is shown of them is not late
const STOP_MS = 30000;
const VACANT_FROM = Date.parse('2026-11-20T00:00:00+08:00');
const VACANT = ['A-paishui-340705006003', 'A-xiaofang-340705006008', 'R-340705006004'];
const LEAVING = ['F-RQ-03', 'K-RQ', 'H2-RQ', 'H-RQ']; // and then nobody answers for gas in two communities of the street
const LEAVES = [['d0060011', '2026-11-24', '2026-11-26', 'd0060012', 'approved'], ['w00600203', '2026-11-25', '2026-12-01', 'w00600204', 'approved'], ['w00600902', '2026-11-26', '2026-11-27', 'w00600903', 'approved'],
  ['s0062', '2026-11-30', '2026-12-04', '', 'requested']];
const ENTERED = [[92, 90, '001'], [80, 85, '002'], [60, 70, '003'], [75, 80, '004'], [88, 86, '006'], [82, 78, '008'], [95, 92, '009']]; // highlights, review, community

class Table {
  constructor(path) {
    this.path = path;
    [this.head, ...this.rows] = readFileSync(path, 'utf8').trim().split('\n').map((line) => line.split(','));
  }

  /** A column by another: map('post', 'person'). */
  map(from, to) {
    const [a, b] = [from, to].map((name) => this.head.indexOf(name));
    return new Map(this.rows.map((row) => [row[a], row[b]]));
  }

  write() {
    writeFileSync(this.path, [this.head, ...this.rows].map((row) => `${row.join(',')}\n`).join(''));
  }
}

class Gallery {
  dress(city) {
    const table = (name) => new Table(city.path(`config/org/${name}.csv`)), random = chance(4);
    const people = table('people'), holdings = table('holdings'), leave = table('leave');
    people.rows.forEach((row) => {
      row[1] = SURNAMES[Math.floor(random() * SURNAMES.length)] + GIVEN[Math.floor(random() * GIVEN.length)];
    });
    holdings.rows.forEach((row) => {
      row[3] = VACANT.includes(row[0]) ? '2026-11-20' : LEAVING.includes(row[0]) ? '2026-11-28' : row[3];
    });
    leave.rows.push(...LEAVES.map((row, i) => [`p00${i + 1}`, ...row]));
    for (const one of [people, holdings, leave])
      one.write();
    const units = ENTERED.map(([highlights, review, community]) => `  "${STREET}${community}": {highlights: ${highlights}, review: ${review}}\n`);
    writeFileSync(city.path('config/assess.yaml'), `units:\n${units.join('')}`);
    this.holder = holdings.map('post', 'person');
    this.fields = table('posts').rows.filter((row) => row[1] === 'F').map((row) => ({id: row[0], areas: row[2], department: row[4]}));
    const areas = (level) => table('areas').rows.filter((row) => row[2] === level).map((row) => row[0]);
    this.communities = areas('community');
    this.year = year(areas('grid'));
    this.matter = new Map(table('catalogue').rows.map((row) => [`${row[0]}/${row[1]}`, {line: row[5], department: row[6]}]));
  }

  /** Whoever does something. */
  users() {
    const users = {[PEOPLE.desk]: ['s0063', 'dispatcher'], [PEOPLE.whole]: ['sq5', 'supervisor'], [PEOPLE.city]: ['sq3', 'dispatcher'], [PEOPLE.department]: [this.holder.get('K-SZ'), 'handler']};
    for (const [[, , , incident], ...acts] of this.year) {
      for (const role of ['reporter', ...acts.flatMap(([, one]) => (one === 'owner' ? ['worker', 'head'] : [one]))]) {
        const user = this.who(role, incident);
        users[user] ??= [user, role === 'head' ? 'handler' : 'officer'];
      }
    }
    return users;
  }

  /** The posts that answer for it before and behind its limit. */
  posts({grid, category, condition}) {
    const {line, department} = this.matter.get(`${category}/${condition}`), community = this.communities.find((code) => grid.startsWith(code));
    return {worker: `A-${line}-${community}`, head: this.fields.find((post) => post.department === department && post.areas.includes(community)).id};
  }

  isVacant(incident) {
    return VACANT.includes(this.posts(incident).worker);
  }

  /** The user who does it: people of the city have their ids as names. */
  who(role, incident) {
    const isHere = incident.grid.startsWith(STREET);
    if (role === 'desk')
      return isHere ? PEOPLE.desk : PEOPLE.city;
    if (role === 'reporter')
      return isHere ? this.holder.get(`B-${incident.grid}`) : PEOPLE.city;
    return this.holder.get(this.posts(incident)[role]);
  }

  /* ---------------------------------------------------------------- the clock */

  async status() {
    const {now, next_deadline: next} = JSON.parse(await this.city.command('status', '--json'));
    return {now: Date.parse(now), next: next === null ? Infinity : Date.parse(next)};
  }

  now() {
    return BEGIN + (Date.now() - this.begun) + Number(this.city.passed);
  }

  async to(at) {
    if (at > NOW - EXACT_MS)
      await this.steps(at);
    if (at > this.now())
      this.city.pass(Math.ceil(at - this.now()));
  }

  /** To each step on the way, and on when the daemon has done it. */
  async steps(at) {
    for (;;) {
      const {now, next} = await this.status();
      if (next + STOP_MS >= at)
        return;
      if (next > now)
        this.city.pass(next - now + STOP_MS);
      await until(async () => (await this.status()).next > next);
    }
  }

  /* ---------------------------------------------------------------- what happens */

  async user(role, incident) {
    const name = role === 'owner' ? (await (await this.user('desk', incident)).get(`/api/incidents/${incident.number}`)).row.owner_person : this.who(role, incident);
    this.signed.set(name, this.signed.get(name) ?? await this.city.user(name));
    return this.signed.get(name);
  }

  async act([at, role, verb, keys], incident) {
    await this.to(at);
    if (role === 'head') // has it when the daemon has seen that it is late
      await until(async () => (await this.status()).next > at);
    const signed = await this.user(role, incident);
    if (verb === 'report')
      incident.number = (await signed.act(undefined, undefined, keys)).incident;
    else
      await signed.act(incident.number, verb, keys);
  }

  async live() {
    this.signed = new Map();
    this.begun = Date.now() - ((await this.status()).now - BEGIN);
    const acts = this.year.flatMap((list) => {
      const incident = {...list[0][3]}, [at] = list[0];
      return (at > VACANT_FROM && this.isVacant(incident) ? list.slice(0, 1) : list).map((act) => ({act, incident}));
    }).sort((a, b) => a.act[0] - b.act[0]);
    for (const {act, incident} of acts)
      await this.act(act, incident);
    await this.to(NOW);
    return acts.find(({incident}) => incident.text === TEXT).incident.number;
  }
}

/** Where the programs are, for who is not called by CTest. */
function setPrograms(build) {
  const programs = {GP_DAEMON: 'daemon/app/gridpostd', GP_COMMAND: 'tools/gridpost', GP_WEB: 'tools/web/gridpost-web', GP_FAULTS: 'tests/lib/libgp_test_faults.so', GP_BUILT_PAGES: 'web/pages'};
  for (const [name, path] of Object.entries(programs))
    process.env[name] = join(build, path);
}

/** Of the programs of a build folder. Takes three minutes. {city, incident: the number of the one whose page is shown}. */
export async function openGallery(build) {
  setPrograms(build);
  const gallery = new Gallery();
  const city = await City.start({config: 'config', start: new Date(BEGIN).toISOString().replace('.000Z', '+00:00'), admin: 'sq2', dress: (one) => gallery.dress(one), users: () => gallery.users(), handset: null, web: (one) => ['--score', one.path('config/assess.yaml')]});
  gallery.city = city;
  try {
    return {city, incident: await gallery.live()};
  } catch (error) {
    console.error(readFileSync(city.path('log'), 'utf8').slice(-2000));
    await city.stop().catch(() => {});
    throw error;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const {city, incident} = await openGallery(process.argv[2]);
  console.log(`${city.address}   ${Object.values(PEOPLE).join(', ')}; password ${PASSWORD}; incident ${incident}`);
  process.on('SIGINT', () => city.stop());
}
