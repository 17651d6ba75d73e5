// What the mock answers: every shape of docs/WEB-API.md.
import {chance} from './city.mjs';

const HOUR = 3600000;
const OPEN = new Set(['reported', 'filed', 'dispatched', 'accepted', 'finished', 'verified', 'duplicate', 'returned', 'arbitration', 'suspended', 'rework', 'reopened']);
const RUNNING = new Set(['dispatched', 'accepted', 'rework', 'reopened']);
const ESCALATING = new Set(['handover', 'vacant', 'strike']);

export function iso(ms) {
  return ms === null ? null : `${new Date(ms + 8 * HOUR).toISOString().slice(0, 19)}+08:00`;
}

export function isEscalation(entry) {
  return ESCALATING.has(entry.what) || (entry.what === 'step' && entry.step !== 'dispatch');
}

/* ---------------------------------------------------------------- rows */

function usedBp(row, now) {
  if (row.dueMs === null)
    return null;
  const from = row.warnMs === null ? row.dueMs - row.allowance : row.dueMs - (row.dueMs - row.warnMs) / (1 - row.warn_bp / 10000);
  return Math.max(0, Math.min(30000, Math.round((now - from) / (row.dueMs - from) * 10000)));
}

export function rowJson(mock, row) {
  const now = mock.now();
  return {
    incident: row.incident, version: row.version, state: row.state, area: row.area, category: row.category, condition: row.condition, line: row.line, department: row.department,
    text: row.private ? null : row.text === null ? null : [...row.text].slice(0, 60).join(''), private: row.private, owner: row.owner, owner_person: row.owner_person,
    received: iso(row.receivedMs), due: iso(row.dueMs), warn: iso(row.warnMs), warn_bp: row.warn_bp, used_bp: usedBp(row, now), overdue: row.overdue, urgent: row.urgent,
  };
}

function passes(mock, row, query) {
  return (!query.area || row.area.startsWith(query.area)) && (!query.department || row.department === query.department) && (!query.post || row.owner === query.post)
    && (!query.person || row.owner_person === query.person) && (!query.overdue || row.overdue || (row.dueMs !== null && row.dueMs < mock.now()))
    && (query.state ? query.state.split(',').includes(row.state) : OPEN.has(row.state));
}

function ordered(mock, query) {
  const key = JSON.stringify([query.area, query.department, query.state, query.overdue, query.post, query.person]);
  if (!mock.sorted.has(key)) {
    const rows = [...mock.rows.values()].filter((row) => passes(mock, row, query));
    if (mock.sorts)
      rows.sort((a, b) => (a.dueMs ?? Infinity) - (b.dueMs ?? Infinity) || a.incident - b.incident);
    mock.sorted.set(key, rows);
  }
  return mock.sorted.get(key);
}

export function board(mock, query) {
  const now = iso(mock.now());
  if (query.numbers !== undefined) {
    const rows = query.numbers.split(',').map((number) => mock.rows.get(Number(number))).filter((row) => row !== undefined && passes(mock, row, query));
    return {rows: rows.map((row) => rowJson(mock, row)), total: rows.length, order: 'due', cursor: null, head: mock.head, now};
  }
  const rows = ordered(mock, query), from = Number(query.cursor ?? 0), limit = Number(query.limit ?? 60);
  return {rows: rows.slice(from, from + limit).map((row) => rowJson(mock, row)), total: mock.sorts ? rows.length : null, order: mock.sorts ? 'due' : 'number', cursor: from + limit < rows.length ? String(from + limit) : null, head: mock.head, now};
}

export function search(mock, query) {
  const number = /^#?(\d+)$/.exec(query.q ?? '');
  const words = (query.q ?? '').split(/\s+/).filter(Boolean), names = mock.city.directory;
  const textOf = (row) => [row.text, row.owner, row.owner_person, row.category, names.categories.find((one) => one.category === row.category)?.name_zh, names.areas.find((one) => one.code === row.area)?.name].join(' ');
  const found = number !== null ? [mock.rows.get(Number(number[1]))].filter(Boolean)
    : [...mock.rows.values()].reverse().filter((row) => (!query.area || row.area.startsWith(query.area)) && (!query.department || row.department === query.department) && (!query.state || row.state === query.state)
      && (!query.person || row.owner_person === query.person)
      && words.every((one) => textOf(row).includes(one)));
  const from = Number(query.cursor ?? 0), limit = Number(query.limit ?? 60);
  return {rows: found.slice(from, from + limit).map((row) => rowJson(mock, row)), cursor: from + limit < found.length ? String(from + limit) : null, now: iso(mock.now())};
}

/* ---------------------------------------------------------------- entries */

function told(mock, person, post, capacity, path = 'holder') {
  return {person, post, capacity, path};
}

function recipientsOf(mock, row, step) {
  const community = row.area.slice(0, 12), street = row.area.slice(0, 9), {holder} = mock.city;
  const one = (post, capacity, path) => told(mock, holder.get(post) ?? holder.get(`D2-${community}`), post, capacity, holder.get(post) ? path : 'cover');
  const owner = one(row.owner ?? `D1-${community}`, (row.owner ?? 'D1').split('-')[0]), grid = one(`B-${row.area}`, 'B');
  return {
    dispatch: [owner, grid], unaccepted: [one(`D2-${community}`, 'D2', 'cover')], yellow: [owner, grid], red: [one(`K-${row.department}`, 'K'), one(`D1-${community}`, 'D1'), one(`D2-${community}`, 'D2')],
    blue: [one(`H2-${row.department}`, 'H2'), one(`R-${community}`, 'R', 'duty')], orange: [one(`S1-${street}`, 'S1'), one(`S2-${street}`, 'S2'), one(`H-${row.department}`, 'H')], card: [one(`S1-${street}`, 'X', 'superior')],
  }[step] ?? [];
}

export function entryOf(mock, row, some) {
  const at = some.atMs ?? mock.now();
  const entry = {
    seq: some.seq, at: iso(at), incident: row.incident, what: some.what, step: some.step ?? null, nominal: some.nominal ?? null, late_ms: some.late_ms ?? null, owner: row.owner, due: iso(row.dueMs),
    recipients: some.step ? recipientsOf(mock, row, some.step) : [], flags: mock.rate === 1 ? [] : ['drill'], area: row.area, line: row.line, department: row.department, category: row.category, condition: row.condition,
    state: row.state, version: row.version, stage: 1, nth: null, actor: null, actor_post: null, text: null, subject: null, level: null, other: null, ref_seqs: [], similar: [], by_device: null, ...some,
  };
  delete entry.atMs;
  return entry;
}

/** What led to where the incident stands, made up when it is looked at. */
function history(mock, row) {
  const list = [], seq = 10 * row.incident % 4000 + 1, at = (hours) => Math.min(mock.now(), row.receivedMs + hours * HOUR);
  const add = (what, hours, some = {}) => list.push(entryOf(mock, row, {seq: seq + list.length, what, atMs: at(hours), ...some}));
  add('reported', 0, {actor: row.reporter, actor_post: `B-${row.area}`, text: row.private ? null : row.text});
  if (row.state === 'reported')
    return list;
  add('filed', 0);
  add('dispatched', 0);
  add('step', 0, {step: 'dispatch', nominal: iso(at(0)), late_ms: 0});
  if (row.state === 'dispatched' && row.warnMs !== null && row.warnMs < mock.now())
    add('step', 1, {step: 'unaccepted', nominal: iso(at(1)), late_ms: 0});
  if (!['dispatched', 'returned', 'arbitration'].includes(row.state))
    add('accepted', 0.7, {actor: row.owner_person, actor_post: row.owner});
  if (row.warnMs !== null && row.warnMs < mock.now())
    list.push(entryOf(mock, row, {seq: seq + list.length, what: 'step', step: 'yellow', atMs: row.warnMs, nominal: iso(row.warnMs), late_ms: 180000, flags: ['coalesced']}));
  if (row.overdue) {
    list.push(entryOf(mock, row, {seq: seq + list.length, what: 'step', step: 'red', atMs: row.dueMs, nominal: iso(row.dueMs), late_ms: 0}));
    list.push(entryOf(mock, row, {seq: seq + list.length, what: 'handover', text: `A-${row.line}-${row.area.slice(0, 12)}`, atMs: row.dueMs}));
  }
  if (row.state === 'returned')
    add('returned', 1, {actor: row.owner_person, actor_post: row.owner, text: '不属本条线，应由排水处置'});
  if (['finished', 'verified'].includes(row.state))
    add('finished', 3, {actor: row.owner_person, actor_post: row.owner, text: '已清理完毕，现场恢复。'});
  if (row.state === 'verified')
    add('verified', 4, {actor: `d2${row.area.slice(6, 12)}`, text: '现场核查通过'});
  return list;
}

function noticesOf(entries) {
  const states = ['delivered', 'acknowledged', 'delivered', null, 'failed'];
  return entries.flatMap((entry) => entry.recipients.map((one, i) => ({seq: entry.seq, at: entry.at, name: entry.step, person: one.person, post: one.post, capacity: one.capacity, path: one.path, delivery: states[(entry.seq + i) % 5]})));
}

function ahead(mock, row) {
  if (row.dueMs === null || !RUNNING.has(row.state))
    return [];
  const steps = [['yellow', row.warnMs], ['red', row.dueMs], ['blue', row.dueMs + 4 * HOUR], ['orange', row.dueMs + 8 * HOUR], ['card', row.dueMs + 24 * HOUR], ['repeat', row.dueMs + 32 * HOUR]];
  return steps.filter(([, at]) => at !== null && at > mock.now()).map(([step, at]) => ({step, at: iso(at), stage: 1, provisional: step === 'repeat', status: 'planned', owner: row.owner,
    recipients: recipientsOf(mock, row, step === 'repeat' ? 'card' : step), every: step === 'repeat' ? '8wh' : null}));
}

const ACTIONS = {
  reported: ['file', 'void', 'link', 'correct', 'note'], dispatched: ['accept', 'finish', 'return', 'extend', 'suspend', 'reassign', 'correct', 'link', 'void', 'note'],
  accepted: ['finish', 'return', 'extend', 'decide', 'suspend', 'reassign', 'note'], returned: ['rule', 'note'], arbitration: ['rule', 'note'], suspended: ['resume', 'note'], finished: ['verify', 'inform', 'note'],
  rework: ['finish', 'extend', 'note'], verified: ['close', 'inform', 'note'], closed: ['reopen', 'note'], reopened: ['accept', 'finish', 'note'], duplicate: ['unlink', 'note'], void: ['note'],
};

export function incident(mock, number) {
  const row = mock.rows.get(number);
  if (row === undefined)
    return null;
  const timeline = [...history(mock, row), ...mock.journal.filter((entry) => entry.incident === number)];
  const none = {returned_by: row.state === 'returned' ? row.owner : null, returned: null, return_reason: row.state === 'returned' ? 'wrong_line' : null, suggested: row.state === 'returned' ? `K-PS` : null, returns: 0, buck_passed: 0, bound: false,
    extension_asked: null, extension_hours: 0, suspended_until: row.state === 'suspended' ? iso(mock.now() + 72 * HOUR) : null, check_due: null, reworks: row.state === 'rework' ? 1 : 0, reopens: 0, downward: false, approval: null, on_spot: false, drawn: false,
    main: null, vacant_post: null, strikes: []};
  return {
    incident: {incident: number, state: row.state, version: row.version, area: row.area, community: row.area.slice(0, 12), category: row.category, condition: row.condition, line: row.line, department: row.department,
      owner: row.owner, assistant: row.overdue ? `A-${row.line}-${row.area.slice(0, 12)}` : null, reporter: row.reporter, text: row.private ? null : row.text, erased: null, captured: null, received: iso(row.receivedMs), due: iso(row.dueMs),
      accepted: RUNNING.has(row.state) && row.state !== 'dispatched' ? iso(row.receivedMs + HOUR / 2) : null, finished: null, verified: null, closed: null, informed: false, overdue: row.overdue,
      overdue_post: row.overdue ? `A-${row.line}-${row.area.slice(0, 12)}` : null, side: none, steps: [], followers: []},
    row: rowJson(mock, row), timeline, notices: noticesOf(timeline), ahead: ahead(mock, row), actions: ACTIONS[row.state] ?? [], head: mock.head, now: iso(mock.now()),
  };
}

/* ---------------------------------------------------------------- commands */

const AFTER = {
  file: ['dispatched', 'dispatched'], accept: ['accepted', 'accepted'], finish: ['finished', 'finished'], close: ['closed', 'closed'], note: [null, 'noted'], 'return': ['returned', 'returned'], extend: [null, 'extended'], suspend: ['suspended', 'suspended'],
  resume: ['accepted', 'resumed'], reassign: ['dispatched', 'reassigned'], 'void': ['void', 'voided'], reopen: ['reopened', 'reopened'], rule: ['dispatched', 'ruled'], inform: [null, 'informed'], correct: [null, 'reassigned'], link: ['duplicate', 'linked'],
  unlink: ['dispatched', 'unlinked'], decide: [null, 'extended'], stage: [null, 'staged'], refuse: ['void', 'declined'],
};

export function answerOf(mock, row) {
  return {incident: row.incident, state: row.state, version: row.version, seq: mock.head, due: iso(row.dueMs), repeated: false};
}

export function act(mock, row, verb, body) {
  if (body.version !== undefined && body.version !== row.version)
    return {error: 'version', detail: `it is at version ${row.version}`};
  if (!(ACTIONS[row.state] ?? []).includes(verb))
    return {error: 'state', detail: `it is ${row.state}`};
  const [state, what] = verb === 'verify' ? (body.result === 'pass' ? ['verified', 'verified'] : ['rework', 'rework']) : AFTER[verb];
  const next = {...row, state: state ?? row.state, version: row.version + 1, owner: body.owner ?? row.owner};
  if (!RUNNING.has(next.state) && next.state !== 'finished')
    Object.assign(next, {dueMs: null, warnMs: null});
  else if (verb === 'extend' || next.dueMs === null)
    Object.assign(next, {dueMs: (row.dueMs ?? mock.now()) + (body.hours ?? 8) * HOUR, warnMs: (row.dueMs ?? mock.now()) + (body.hours ?? 8) * 0.8 * HOUR});
  mock.set(next);
  mock.write(next, what, {actor: mock.me().person, actor_post: mock.me().posts[0], text: body.text ?? null});
  return answerOf(mock, next);
}

/* ---------------------------------------------------------------- summary and map */

const none = (area, department) => ({area, department, open: 0, running: 0, yellow: 0, overdue: 0, still: 0, soon: 0});

function count(counts, row, now) {
  counts.open += 1;
  if (row.state === 'returned' || row.state === 'arbitration') { // its limit goes on
    counts.running += 1;
    return;
  }
  if (!RUNNING.has(row.state) || row.dueMs === null) {
    counts.still += 1;
    return;
  }
  const part = row.dueMs <= now ? 'overdue' : row.warnMs !== null && row.warnMs <= now ? 'yellow' : 'running';
  counts[part] += 1;
  if (part !== 'overdue' && row.dueMs < now + 24 * HOUR)
    counts.soon += 1;
}

export function summary(mock, query) {
  const now = mock.now(), whole = none(query.area ?? null, query.department ?? null);
  const children = mock.city.areas.filter((one) => one.parent === (query.area ?? null)), rows = new Map(children.map((one) => [one.code, none(one.code, null)])), departments = new Map();
  const length = children[0]?.code.length ?? 0;
  for (const row of mock.rows.values()) {
    if (!OPEN.has(row.state) || (query.area && !row.area.startsWith(query.area)) || (query.department && row.department !== query.department))
      continue;
    count(whole, row, now);
    const child = rows.get(row.area.slice(0, length));
    if (child !== undefined)
      count(child, row, now);
    if (!departments.has(row.department))
      departments.set(row.department, none(null, row.department));
    count(departments.get(row.department), row, now);
  }
  return {area: whole, rows: [...rows.values()], departments: [...departments.values()], partial: false, head: mock.head, now: iso(now)};
}

export function geo(mock, query) {
  const wanted = new Set(mock.city.areas.filter((one) => one.parent === (query.area ?? null) || one.code === query.area).map((one) => one.code));
  return {type: 'FeatureCollection', features: mock.geo.filter((one) => wanted.has(one.properties.area))};
}

/* ---------------------------------------------------------------- escalations and people */

export function escalations(mock, query) {
  mock.past ??= [...mock.rows.values()].filter((row) => row.overdue || (row.warnMs !== null && row.warnMs < mock.now() && RUNNING.has(row.state))).slice(0, 600).map((row, i) => {
    const step = row.overdue ? ['red', 'blue', 'orange', 'card'][i % 4] : i % 7 === 0 ? 'unaccepted' : 'yellow', nominal = mock.startMs - i * 97000;
    return i % 23 === 5 ? entryOf(mock, row, {seq: 5000 - i, what: 'vacant', text: `A-xiaofang-${row.area.slice(0, 12)}`, atMs: nominal})
      : entryOf(mock, row, {seq: 5000 - i, what: 'step', step, atMs: nominal, nominal: iso(nominal - (i % 11 === 3 ? 900000 : 0)), late_ms: i % 11 === 3 ? 900000 : 5});
  });
  const before = Number(query.before ?? Infinity), limit = Number(query.limit ?? 50);
  const all = [...mock.journal.filter(isEscalation).reverse(), ...mock.past].filter((entry) => entry.seq < before && (!query.area || entry.area.startsWith(query.area)) && (!query.department || entry.department === query.department));
  const page = all.slice(0, limit);
  return {entries: page, before: all.length > limit ? page[page.length - 1].seq : null, head: mock.head, now: iso(mock.now())};
}

export function people(mock, query) {
  const at = query.at ? Date.parse(`${query.at.slice(0, 10)}T12:00:00+08:00`) : mock.now(), day = Date.parse(`${iso(at).slice(0, 10)}T00:00:00+08:00`), {city} = mock;
  const communities = city.areas.filter((one) => one.level === 'community' && (!query.area || one.code.startsWith(query.area) || query.area.startsWith(one.code)));
  const random = chance(11), some = communities.slice(0, 14);
  const worker = (area, n) => `w${area.code.slice(6)}0${n}`;
  return {
    at: iso(at), now: iso(mock.now()),
    duty: some.map((area, i) => ({area: area.code, person: worker(area, 1 + i % 4), from: iso(day + (i % 3 === 0 ? -6 : 18) * HOUR), to: iso(day + (i % 3 === 0 ? 20 : 32) * HOUR)})),
    leave_partial: mock.me().role === 'handler',
    leave: some.slice(0, 8).map((area, i) => ({leave: i + 1, person: worker(area, 2), from: iso(day + Math.floor(random() * 9 - 2) * 24 * HOUR), to: iso(day + Math.floor(8 + random() * 9) * 24 * HOUR), state: i % 3 === 2 ? 'requested' : 'approved',
      standin: i % 4 === 3 ? null : worker(area, 3), first_approver: null, override: null, begun: i % 2 === 0, source: 'command'})),
    vacant: city.posts.filter((post) => city.holder.get(post.id) === null && (!query.area || post.areas[0]?.startsWith(query.area))).slice(0, 6).map((post, i) => ({post: post.id, person: i === 2 ? null : `d1${post.areas[0].slice(6)}`, path: i === 2 ? null : i % 2 ? 'cover' : 'superior'})),
    holes: some.slice(0, 2).map((area) => ({area: area.code, grids: 6, category: '06-01', condition: 'default', rows: 3, line: 'xiaofang', department: 'XF', from: iso(day + 66 * HOUR), to: iso(day + 80 * HOUR)})),
  };
}

/* ---------------------------------------------------------------- assessment */

function unitsOf(mock, query) {
  return allUnitsOf(mock, query).filter(([unit]) => !query.unit || unit === query.unit);
}

function allUnitsOf(mock, query) {
  const {city} = mock, names = city.directory;
  if (query.by === 'department' || query.by === 'line')
    return names[`${query.by}s`].map((one) => [one.code, one.name_zh]);
  if (query.by === 'person')
    return city.people.slice(0, 40).map((one) => [one.id, one.name]);
  if (query.by === 'post')
    return city.posts.slice(0, 40).map((one) => [one.id, one.id]);
  return city.areas.filter((one) => one.level === (query.level || 'community') && (!query.area || one.code.startsWith(query.area))).map((one) => [one.code, one.name]);
}

function figures([unit, name], seed) {
  const random = chance(seed + [...unit].reduce((sum, one) => sum * 31 + one.charCodeAt(0) | 0, 7));
  const base = Math.floor(40 + random() * 300), part = (low, high) => Math.floor(base * (low + random() * (high - low)));
  const should = part(0.7, 0.85), overdue = Math.floor(should * random() * 0.22), handled = should - Math.floor(overdue / 3), rework = Math.floor(handled * random() * 0.1);
  const bp = (a, b) => (b === 0 ? null : Math.floor(a * 10000 / b));
  return {unit, name, reported: base, patrol: part(0.3, 0.5), filed: part(0.88, 0.97), should_accept: part(0.8, 0.9), accepted: part(0.66, 0.8), should_finish: should, finished: should - overdue, overdue, rework, returned: part(0, 0.05),
    buck_passed: part(0, 0.02), suspended: part(0, 0.03), handled, strikes: Math.floor(random() * 3), mean_work_hours_hundredths: Math.floor(150 + random() * 700), mean_clock_hours_hundredths: Math.floor(300 + random() * 2500),
    coverage_hundredths: Math.floor(random() * 700), accept_rate_bp: bp(80 + random() * 20, 100), finish_rate_bp: bp(should - overdue, should), quality_rate_bp: bp(handled - rework, handled), duty_rate_bp: 10000 - Math.floor(random() * 300),
    coverage_rate_bp: unit.length > 12 && random() < 0.2 ? null : Math.floor(7000 + random() * 3000)};
}

export function assess(mock, query) {
  return {from: query.from, to: query.to, by: query.by, level: query.level ?? null, rows: unitsOf(mock, query).map((unit) => figures(unit, 1)), head: mock.head, now: iso(mock.now())};
}

export function series(mock, query) {
  const periods = [], step = query.each === 'day' ? 24 * HOUR : query.each === 'week' ? 168 * HOUR : null;
  let from = Date.parse(`${query.from}T00:00:00+08:00`);
  const end = Date.parse(`${query.to}T00:00:00+08:00`);
  while (from < end && periods.length < 53) {
    const day = iso(from).slice(0, 10), next = step !== null ? from + step : Date.parse(`${Number(day.slice(5, 7)) === 12 ? Number(day.slice(0, 4)) + 1 : day.slice(0, 4)}-${String(Number(day.slice(5, 7)) % 12 + 1).padStart(2, '0')}-01T00:00:00+08:00`);
    periods.push({from: iso(from), to: iso(Math.min(next, end)), rows: unitsOf(mock, query).map((unit) => figures(unit, periods.length + 2))});
    from = next;
  }
  return {each: query.each, by: query.by, level: query.level ?? null, periods, head: mock.head, now: iso(mock.now())};
}
