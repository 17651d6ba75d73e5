// A server for the pages without a daemon: the same paths and headers, a made-up city, and handles for tests.
//   node tests/web/mock.mjs [PORT] [INCIDENTS]     then open http://127.0.0.1:PORT/ (wang / demo; admin / demo with code 123456)
import {createServer} from 'node:http';
import {readFile} from 'node:fs/promises';
import {fileURLToPath} from 'node:url';
import {makeCity, makeGeo, makeIncident, makeIncidents, chance} from './city.mjs';
import * as answers from './answers.mjs';

export const PAGES = process.env.GP_PAGES ?? fileURLToPath(new URL('../../tools/web/pages/', import.meta.url));
const TYPES = {html: 'text/html', js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml', webmanifest: 'application/manifest+json'};
const HEADERS = {
  'Content-Security-Policy': "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; manifest-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; "
    + "require-trusted-types-for 'script'; trusted-types 'none'",
  'X-Content-Type-Options': 'nosniff', 'Referrer-Policy': 'no-referrer', 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Resource-Policy': 'same-origin',
};
const USERS = {
  wang: {person: 'sk002', role: 'dispatcher', posts: ['SK-340705002'], areas: ['340705002'], departments: []},
  shi: {person: 'sz-k', role: 'handler', posts: ['K-SZ'], areas: [], departments: ['SZ']},
  wei: {person: 'w00200101', role: 'officer', posts: ['A-shizheng-340705002001'], areas: ['340705002001'], departments: [], own: true}, // sees the own only
  admin: {person: 's1001', role: 'admin', posts: ['S1-340705001'], areas: [], departments: [], totp: '123456'},
};
const CONFINED = new Set(['board', 'search', 'escalations', 'stream', 'summary', 'assess', 'assess.xlsx']);
const RIGHTS = ['report', 'query', 'incident', 'feed', 'escalations', 'assess', 'leaves', 'who', 'roster'];

export class Mock {
  constructor({incidents = 2000, signedIn = 'wang', rate = 1, now = Date.now()} = {}) {
    this.startMs = now;
    this.started = Date.now();
    this.rate = rate;
    this.city = makeCity(5);
    this.rows = new Map(makeIncidents(this.city, incidents, now).map((row) => [row.incident, row]));
    this.geo = makeGeo(this.city);
    this.random = chance(99);
    this.head = 5000;
    this.journal = [];
    this.streams = new Set();
    this.user = signedIn;
    this.csrf = 'token-1';
    this.faults = new Map(); // path → {status, body} | 'hang' | 'cut'
    this.asked = []; // what was asked, for tests
    this.done = new Map(); // command id → answer
    this.down = false;
    this.sorted = new Map();
    this.sorts = true; // false: a server that gives the board by number
    this.tries = 0;
  }

  now() {
    return this.startMs + (Date.now() - this.started) * this.rate;
  }

  iso(ms) {
    return answers.iso(ms);
  }

  /** Lets time pass at once, and says so to who listens. */
  pass(ms) {
    this.startMs += ms;
    this.streams.forEach((stream) => this.sendHead(stream));
  }

  /* ---------------------------------------------------------------- serving */

  async start(port = 0) {
    this.server = createServer((request, response) => this.serve(request, response).catch(() => response.destroy()));
    await new Promise((resolve) => this.server.listen(port, '127.0.0.1', resolve));
    this.heartbeat = setInterval(() => this.streams.forEach((stream) => this.sendHead(stream)), 20000);
    return `http://127.0.0.1:${this.server.address().port}`;
  }

  async stop() {
    clearInterval(this.heartbeat);
    this.cutStreams();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  async serve(request, response) {
    const url = new URL(request.url, 'http://mock');
    if (this.down)
      return request.socket.destroy();
    for (const [key, value] of Object.entries(HEADERS))
      response.setHeader(key, value);
    if (url.pathname.startsWith('/api/'))
      return this.api(request, response, url);
    const name = url.pathname === '/' || url.pathname.startsWith('/p/') ? 'index.html' : url.pathname.startsWith('/static/') ? url.pathname.slice(8) : null;
    if (name === null || name.includes('..'))
      return this.send(response, 404, {error: 'not_found', detail: null});
    try {
      const body = await readFile(PAGES + name);
      response.writeHead(200, {'Content-Type': `${TYPES[name.split('.').pop()]}; charset=utf-8`, 'Cache-Control': 'no-cache'});
      response.end(body);
    } catch {
      this.send(response, 404, {error: 'not_found', detail: null});
    }
  }

  send(response, status, body) {
    response.writeHead(status, {'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store'});
    response.end(JSON.stringify(body));
  }

  refuse(response, status, error, detail = null, retry_ms = null) {
    this.send(response, status, {error, detail, retry_ms});
  }

  async api(request, response, url) {
    const path = url.pathname.slice(4), query = Object.fromEntries(url.searchParams);
    const body = request.method === 'POST' ? await readBody(request) : null;
    this.asked.push({method: request.method, path, query, body, lastEventId: request.headers['last-event-id'] ?? null});
    const fault = this.faults.get(path) ?? this.faults.get(`/${path.split('/')[1]}`);
    if (fault === 'hang')
      return undefined;
    if (fault === 'cut')
      return request.socket.destroy();
    if (fault !== undefined)
      return this.send(response, fault.status, fault.body);
    if (request.method === 'POST' && request.headers.origin !== `http://${request.headers.host}`)
      return this.refuse(response, 403, 'origin');
    if (path === '/sign-in')
      return this.signIn(response, body);
    if (this.user === null)
      return this.refuse(response, 401, 'signed_out');
    if (request.method === 'POST')
      return request.headers['x-csrf'] === this.csrf ? this.change(response, path, body) : this.refuse(response, 403, 'csrf');
    return this.read(request, response, path, query);
  }

  /* ---------------------------------------------------------------- who */

  me() {
    const user = USERS[this.user];
    const home = {area: null, department: user.departments[0] ?? null, person: user.own ? user.person : null};
    if (home.department === null && home.person === null)
      home.area = user.areas[0];
    return {user: this.user, name: this.city.people.find((one) => one.id === user.person)?.name ?? user.person, csrf: this.csrf, drill: this.rate !== 1, rate: this.rate,
      now: this.iso(this.now()), head: this.head, actions: RIGHTS, person: user.person, role: user.role, posts: user.posts, areas: user.areas, departments: user.departments, home,
      assess: user.own ? null : user.departments.length > 0 ? {area: null, by: 'department', unit: user.departments[0]} : {area: user.areas[0], by: null, unit: null}};
  }

  /** Whether this user has no right to ask so: of a department's people it is theirs that they may see, of others the own. */
  isRefused(call, query) {
    const {departments, own, person} = USERS[this.user];
    if (!CONFINED.has(call) || query.incident !== undefined || (!own && departments.length === 0))
      return false;
    if (call.startsWith('assess'))
      return own || query.unit !== departments[0];
    if (own && call === 'summary')
      return true;
    return own ? query.person !== person : query.department !== departments[0];
  }

  signIn(response, {user, password, totp}) {
    if (++this.tries > 20)
      return this.refuse(response, 429, 'limited', null, 30000);
    if (USERS[user] === undefined || password !== 'demo')
      return this.refuse(response, 401, 'wrong');
    if (USERS[user].totp !== undefined && totp !== USERS[user].totp)
      return this.refuse(response, 401, 'totp');
    this.user = user;
    return this.send(response, 200, this.me());
  }

  /** The session ends from outside: open streams, too. */
  endSession() {
    this.user = null;
    this.streams.forEach(({response}) => response.end('event: end\ndata: {"error":"signed_out"}\n\n'));
    this.streams.clear();
  }

  /* ---------------------------------------------------------------- reads */

  read(request, response, path, query) {
    const [, first, second] = path.split('/');
    const made = {
      me: () => this.me(), directory: () => this.city.directory, board: () => answers.board(this, query), summary: () => answers.summary(this, query),
      incidents: () => answers.incident(this, Number(second)), escalations: () => answers.escalations(this, query), people: () => answers.people(this, query),
      search: () => answers.search(this, query), geo: () => answers.geo(this, query), assess: () => (second === 'series' ? answers.series(this, query) : answers.assess(this, query)),
    }[first];
    if (this.isRefused(first, query))
      return this.refuse(response, 403, 'no_right', 'not with these filters');
    if (first === 'stream')
      return this.stream(request, response, query);
    if (first === 'assess.xlsx') {
      response.writeHead(200, {'Content-Type': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'Content-Disposition': 'attachment; filename="assess.xlsx"'});
      return response.end('PK');
    }
    const answer = made?.() ?? null;
    return answer === null ? this.refuse(response, 404, 'not_found') : this.send(response, 200, answer);
  }

  /* ---------------------------------------------------------------- the stream */

  stream(request, response, query) {
    const after = Number(request.headers['last-event-id'] ?? query.after ?? this.head);
    const stream = {response, query, after};
    response.writeHead(200, {'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store'});
    response.write('retry: 2000\n\n');
    request.on('close', () => this.streams.delete(stream));
    this.streams.add(stream);
    if (after > this.head)
      response.write(`event: reset\ndata: ${JSON.stringify({head: this.head, now: this.iso(this.now())})}\n\n`);
    else
      this.journal.filter((entry) => entry.seq > after).forEach((entry) => this.sendEntry(stream, entry));
    this.sendHead(stream);
  }

  sendEntry({response, query}, entry) {
    const passes = (!query.area || entry.area?.startsWith(query.area)) && (!query.department || entry.department === query.department) && (!query.incident || String(entry.incident) === query.incident)
      && (!query.escalations || answers.isEscalation(entry));
    if (passes)
      response.write(`id: ${entry.seq}\nevent: entry\ndata: ${JSON.stringify(entry)}\n\n`);
  }

  sendHead({response}) {
    response.write(`id: ${this.head}\nevent: head\ndata: ${JSON.stringify({head: this.head, now: this.iso(this.now()), rate: this.rate})}\n\n`);
  }

  cutStreams() {
    this.streams.forEach(({response}) => response.destroy());
    this.streams.clear();
  }

  /* ---------------------------------------------------------------- changes */

  /** Writes an entry about a row, with what differs from the plain one. */
  write(row, what, some = {}) {
    this.head += 1;
    const entry = answers.entryOf(this, row, {seq: this.head, what, ...some});
    this.journal.push(entry);
    this.streams.forEach((stream) => this.sendEntry(stream, entry));
    return entry;
  }

  /** A new incident, with what the test wants of it. */
  report(some = {}) {
    const number = Math.max(0, ...[...this.rows.keys()].slice(-1)) + 1;
    const row = makeIncident(this.city, number, this.random, this.now(), {state: 'dispatched', version: 1, overdue: false, ...some});
    this.set(row);
    this.write(row, 'reported', {text: row.private ? null : row.text, actor: row.reporter});
    this.write(row, 'dispatched');
    return row;
  }

  set(row) {
    this.rows.set(row.incident, row);
    this.sorted.clear();
  }

  change(response, path, body) {
    const [, , number, verb] = path.split('/');
    if (path === '/sign-out') {
      this.user = null;
      return this.send(response, 200, {});
    }
    if (this.done.has(body.id))
      return this.send(response, 200, {...this.done.get(body.id), repeated: true});
    const row = number === undefined ? this.report({text: body.text, area: body.grid, category: body.category}) : this.rows.get(Number(number));
    if (row === undefined)
      return this.refuse(response, 404, 'not_found');
    const answer = number === undefined ? answers.answerOf(this, row) : answers.act(this, row, verb, body);
    if (answer.error !== undefined)
      return this.refuse(response, 409, answer.error, answer.detail ?? null);
    this.done.set(body.id, answer);
    return this.send(response, 200, answer);
  }

  /** Something happens by itself, for who looks at the pages by hand. */
  live() {
    if (this.user === null)
      return; // what happens is done by who is signed in
    const numbers = [...this.rows.keys()], row = this.rows.get(numbers[Math.floor(this.random() * numbers.length)]);
    if (this.random() < 0.4)
      this.report({dueMs: this.now() + 60000 + this.random() * 3600000, warnMs: this.now() + 20000});
    else if (this.random() < 0.5)
      this.write(row, 'step', {step: ['yellow', 'red', 'blue', 'orange', 'card', 'unaccepted'][Math.floor(this.random() * 6)], nominal: this.iso(this.now()), late_ms: 12});
    else
      answers.act(this, row, {dispatched: 'accept', accepted: 'finish', finished: 'verify', verified: 'close'}[row.state] ?? 'note', {text: '已处理', result: 'pass'});
  }
}

async function readBody(request) {
  const parts = [];
  for await (const part of request)
    parts.push(part);
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'));
  } catch {
    return {};
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const mock = new Mock({incidents: Number(process.argv[3] ?? 100000)});
  const address = await mock.start(Number(process.argv[2] ?? 8137));
  setInterval(() => mock.live(), 1500);
  console.log(address);
}
