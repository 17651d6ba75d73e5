// A city that runs: gridpostd in a drill, a handset and a bridge enrolled with it, users with passwords, and gridpost-web in front. Its clock goes on by itself as
// a real one does, and by hours when it is told to. Where the programs are, CTest says (GP_DAEMON, GP_COMMAND, GP_WEB, GP_FAULTS, GP_BUILT_PAGES, GP_SOURCE).
import {execFile, spawn} from 'node:child_process';
import {appendFileSync, cpSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, unlinkSync, writeFileSync, writeSync} from 'node:fs';
import {randomBytes} from 'node:crypto';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {patience, until} from './wait.mjs';

export const PASSWORD = 'a long password 长';
export const GRID = '340705006001002'; // its officer is zhang; what is reported here is li's, of whom the community's A post is
export const HOUR_MS = 3600000;
export const MINUTE_MS = 60000;

const START = '2026-06-15T09:00+08:00'; // a Monday
const BOOT_AT = 8; // lib/faults.h: what is added to the clock that counts
const CALL_MS = 60000;

/** user → person and role of the small city (tests/golden/config). */
export const USERS = {
  li: ['li', 'officer'], // the A post 市政设施 of 临湖社区
  shizheng: ['chen', 'handler'], // the field post of 市政工程管理处
  jiedao: ['zheng', 'dispatcher'], // the desk of the street, who checks
  duban: ['feng', 'supervisor'],
  guanli: ['zhou', 'admin'],
};

/** What a city is started with; the default is the small one that tests know by heart. */
const SMALL = {
  config: 'tests/golden/config', start: START, admin: 'zhou', users: () => USERS,
  dress: (city) => appendFileSync(city.path('config/org/people.csv'), 'web,网页,,\n'), // (city): before anything runs
  handset: 'zhang', // who has one; null: nobody
  web: () => [], // (city): further words for gridpost-web
};

export class City {
  static async start(options = {}) {
    const city = new City();
    city.options = {...SMALL, ...options};
    try {
      await city.prepare();
      await city.startDaemon();
      await city.enrol();
      await city.startWeb();
      return city;
    } catch (error) { // nobody else knows of what runs already
      city.web?.kill('SIGKILL');
      city.daemon?.kill('SIGKILL');
      throw error;
    }
  }

  path(name) {
    return join(this.folder, name);
  }

  async prepare() {
    this.folder = mkdtempSync(join(tmpdir(), 'gp-real-')); // short, because an ipc address must be
    this.socket = `ipc://${this.path('intake')}`;
    this.environment = {...process.env, TZ: 'Asia/Shanghai', LANGUAGE: 'C', LC_ALL: 'C.UTF-8', GRIDPOST_IDENTITY: this.path('admin'), GRIDPOST_SOCKET: this.socket};
    this.log = openSync(this.path('log'), 'a');
    this.passed = 0n;
    this.port = 0;
    writeFileSync(this.path('faults'), Buffer.alloc(256));
    cpSync(`${process.env.GP_SOURCE}${this.options.config}`, this.path('config'), {recursive: true});
    this.options.dress(this);
    this.setUsers(this.options.users());
    await this.command('init', '--config', this.path('config'), '--keys', this.path('keys'), '--as', this.options.admin, '--label', 'desk');
  }

  setUsers(users) {
    const rows = Object.entries(users).map(([user, [person, role]]) => `${user},${person},${role},web\n`);
    writeFileSync(this.path('config/org/users.csv'), ['user,person,role,via\n', ...rows].join(''));
  }

  /* ---------------------------------------------------------------- programs */

  async call(program, words, text = '') {
    const running = promisify(execFile)(program, words, {env: this.environment, timeout: Math.ceil(CALL_MS * patience())});
    running.child.stdin.on('error', () => {}); // it may have ended without reading
    running.child.stdin.end(text);
    return (await running).stdout;
  }

  command(...words) {
    return this.call(process.env.GP_COMMAND, words);
  }

  secret(verb, user, text) {
    return this.call(process.env.GP_WEB, ['--secrets', this.path('secrets'), verb, user], text);
  }

  spawn(program, words, environment) {
    const child = spawn(program, words, {env: {...this.environment, ...environment}, stdio: ['ignore', this.log, this.log]});
    child.ended = new Promise((resolve) => child.on('exit', (code, signal) => resolve(code ?? signal)));
    return child;
  }

  async startDaemon() {
    this.daemon = this.spawn(process.env.GP_DAEMON, ['--drill', '--clock-start', this.options.start, '--config', this.path('config'), '--store', this.path('store'), '--keys', this.path('keys'), '--socket', this.socket,
      '--edge', '', '--hint', ''], {FAULTS: this.path('faults'), LD_PRELOAD: process.env.GP_FAULTS, ASAN_OPTIONS: 'verify_asan_link_order=0'});
    await until(() => this.command('status', '--timeout', '5').then(() => true, () => false));
  }

  /** At the port that it had before, so that open pages find it again. */
  async startWeb() {
    const ready = this.path('ready');
    if (existsSync(ready))
      unlinkSync(ready);
    this.web = this.spawn(process.env.GP_WEB, ['--listen', `127.0.0.1:${this.port}`, '--socket', this.socket, '--identity', this.path('bridge'), '--config', this.path('config'), '--secrets', this.path('secrets'),
      '--pages', process.env.GP_BUILT_PAGES, '--ready-file', ready, ...this.options.web(this)]);
    await until(() => existsSync(ready) && readFileSync(ready, 'utf8').endsWith('\n'));
    this.port = Number(readFileSync(ready, 'utf8'));
    this.address = `http://127.0.0.1:${this.port}`;
    await this.whenReady();
  }

  async whenReady() {
    await until(async () => (await fetch(`${this.address}/readyz`)).status === 200);
  }

  /** name: daemon or web. Without a word to anybody, as a power cut would. */
  async kill(name) {
    this[name].kill('SIGKILL');
    await this[name].ended;
  }

  /** Has the daemon, and so everybody, read the configuration anew. */
  reload() {
    this.daemon.kill('SIGHUP');
  }

  async stop() {
    for (const child of [this.web, this.daemon]) {
      child?.kill('SIGTERM');
      const code = await child?.ended;
      if (code !== 0)
        throw new Error(`${child?.spawnfile} ended with ${code}: ${readFileSync(this.path('log'), 'utf8').slice(-3000)}`);
    }
    rmSync(this.folder, {recursive: true});
  }

  /* ---------------------------------------------------------------- devices and secrets */

  async join(person, role, identity) {
    const asked = JSON.parse(await this.command('enrol', person, '--role', role, '--json'));
    const joined = JSON.parse(await this.command('join', asked.invitation, '--identity', this.path(identity), '--socket', this.socket, '--label', identity, '--no-wait', '--json'));
    await this.command('devices', 'confirm', String(joined.device), '--digits', joined.digits);
  }

  async enrol() {
    await this.join('web', 'bridge', 'bridge');
    if (this.options.handset !== null)
      await this.join(this.options.handset, 'officer', 'handset');
    for (const [user, [, role]] of Object.entries(this.options.users())) {
      await this.secret('password', user, `${PASSWORD}\n`);
      if (role === 'admin')
        this.totpKey = /secret=([A-Z2-7]+)/.exec(await this.secret('totp', user))[1];
    }
  }

  /** The code that the admin's device would show now. */
  async code() {
    return (await this.call('oathtool', ['--totp', '-b', this.totpKey])).trim();
  }

  /* ---------------------------------------------------------------- what happens */

  /** Lets time pass in the city, at once. */
  pass(ms) {
    const bytes = Buffer.alloc(8), file = openSync(this.path('faults'), 'r+');
    this.passed += BigInt(ms);
    bytes.writeBigInt64LE(this.passed);
    writeSync(file, bytes, 0, bytes.length, BOOT_AT);
  }

  /** zhang's handset reports. Gives the number. */
  async report(text, {category = 'u2', condition = 'default', grid = GRID} = {}) {
    return JSON.parse(await this.command('report', '--identity', this.path('handset'), '--grid', grid, '--category', category, '--condition', condition, text, '--json')).incident;
  }

  /** Somebody who has signed in without a browser. */
  async user(name) {
    const person = new Person(this);
    await person.signIn(name);
    return person;
  }
}

class Person {
  constructor(city) {
    this.city = city;
  }

  async post(path, body, headers) {
    const answer = await fetch(this.city.address + path, {method: 'POST', body: JSON.stringify(body), headers: {'Content-Type': 'application/json', Origin: this.city.address, ...headers}});
    const value = await answer.json();
    if (!answer.ok)
      throw new Error(`${path} gave ${answer.status} ${JSON.stringify(value)}`);
    return [value, answer];
  }

  async get(path) {
    const answer = await fetch(this.city.address + path, {headers: this.headers});
    const value = await answer.json();
    if (!answer.ok)
      throw new Error(`${path} gave ${answer.status} ${JSON.stringify(value)}`);
    return value;
  }

  async signIn(user) {
    const [me, answer] = await this.post('/api/sign-in', {user, password: PASSWORD});
    this.headers = {Cookie: answer.headers.get('set-cookie').split(';')[0], 'X-CSRF': me.csrf};
  }

  /** Without number and verb: a report. */
  async act(number, verb, keys) {
    const id = Date.now().toString(16).padStart(12, '0') + randomBytes(10).toString('hex');
    const [answer] = await this.post(['/api/incidents', number, verb].filter(Boolean).join('/'), {...keys, id}, this.headers);
    return answer;
  }
}
