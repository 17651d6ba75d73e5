// One column of the board: rows by time left, page by page, and what the stream changes in them.
import {get} from './api.js';
import {card} from './card.js';
import {withTimes} from './clock.js';
import {h, fill} from './h.js';
import {numberText, t} from './i18n.js';
import {button, errorText, skeleton} from './parts.js';
import {VirtualList} from './virtual.js';

const FIRST_ROWS = 60;
const MORE_ROWS = 200;
const FRESH_MS = 4000;

function isBefore(a, b) {
  return a.dueMs !== b.dueMs ? a.dueMs < b.dueMs : a.incident < b.incident;
}

/** Where row stands, or would stand. */
function placeOf(rows, row) {
  let low = 0, high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(rows[middle], row))
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

export class Column {
  constructor({id, states, filters, signal, onTotal}) {
    Object.assign(this, {id, states, filters, signal, onTotal});
    this.rows = [];
    this.byNumber = new Map();
    this.fresh = new Map(); // number → until when it is marked as new
    this.total = null;
    this.cursor = null;
    this.head = 0;
    this.loading = false;
    this.sorted = true;
    this.list = new VirtualList({
      label: t(`column.${id}`), keyOf: (index) => this.rows[index].incident, needMore: () => this.more(),
      make: (index) => this.makeCard(index),
    });
    this.count = h('span.column-count', {'aria-hidden': 'true'}, '…');
    this.body = h('div.column-body', null, skeleton('card', 4));
    this.title = h('h2', {id: `column-${id}`}, t(`column.${id}`));
    this.element = h('section.column', {'aria-labelledby': `column-${id}`, 'data-column': id}, h('header.column-head', null, this.title, this.count), this.body);
  }

  makeCard(index) {
    const row = this.rows[index];
    const view = card(row, {fresh: (this.fresh.get(row.incident) ?? 0) > performance.now()});
    return {element: view.element, tick: view.tick, update: (at) => view.update(this.rows[at])};
  }

  /* ---------------------------------------------------------------- pages */

  /** The first page. Throws what went wrong after showing it. */
  async load() {
    try {
      await this.page(FIRST_ROWS, null);
      fill(this.body, this.list.element);
      this.list.measure();
      this.showTotal();
    } catch (error) {
      if (error.name !== 'AbortError')
        this.showError(error);
      throw error;
    }
  }

  async page(limit, cursor) {
    this.loading = true;
    try {
      const answer = await get('/api/board', {...this.filters, state: this.states.join(','), limit, cursor}, this.signal);
      this.cursor = answer.cursor;
      this.sorted = answer.order === 'due';
      if (answer.total !== null)
        this.total = answer.total;
      this.head = this.head === 0 ? answer.head : this.head;
      this.add(answer.rows.map((row) => withTimes(row, answer.now)));
    } finally {
      this.loading = false;
    }
  }

  add(rows) {
    for (const row of rows) {
      const had = this.byNumber.get(row.incident);
      if (had !== undefined)
        this.take(had);
      const last = this.rows[this.rows.length - 1];
      if (last === undefined || isBefore(last, row))
        this.rows.push(row);
      else
        this.rows.splice(placeOf(this.rows, row), 0, row);
      this.byNumber.set(row.incident, row);
    }
    this.changed();
  }

  /** The next page, when the end of what is here comes near; where the server can't sort the board reads all. */
  async more() {
    if (this.loading || this.cursor === null || this.stopped || !this.sorted)
      return;
    try {
      await this.page(MORE_ROWS, this.cursor);
    } catch {
      this.stopped = true; // until the user scrolls again, or the board comes back
      setTimeout(() => {
        this.stopped = false;
      }, 3000);
    }
  }

  /** All rows are here: nothing is counted by guess any more. */
  complete() {
    this.cursor = null;
    this.total = this.rows.length;
    this.showTotal();
  }

  /* ---------------------------------------------------------------- changes */

  changed() {
    this.list.setCount(this.rows.length);
    this.list.refresh();
    this.showTotal();
  }

  take(row) {
    let at = placeOf(this.rows, row);
    if (this.rows[at] !== row)
      at = this.rows.indexOf(row);
    this.rows.splice(at, 1);
    this.byNumber.delete(row.incident);
  }

  has(number) {
    return this.byNumber.has(number);
  }

  /** Takes a row off. True: it was here. */
  remove(number) {
    const row = this.byNumber.get(number);
    if (row === undefined)
      return false;
    this.take(row);
    this.total = this.total === null ? null : Math.max(0, this.total - 1);
    this.changed();
    return true;
  }

  /** A row as it is now; moved: from another column. What would stand behind the pages read so far comes with its page, and is
   * counted there already, or is not: recount() knows. */
  put(row, isNew, moved) {
    const had = this.byNumber.get(row.incident);
    if (had !== undefined)
      this.take(had);
    const last = this.rows[this.rows.length - 1];
    const inside = this.cursor === null || !this.sorted || last === undefined || isBefore(row, last);
    if (had === undefined && this.total !== null && (inside || moved))
      this.total += 1;
    if (inside) {
      this.rows.splice(placeOf(this.rows, row), 0, row);
      this.byNumber.set(row.incident, row);
      if (isNew)
        this.fresh.set(row.incident, performance.now() + FRESH_MS);
    }
    this.changed();
  }

  /** How many there are, where not all are here. */
  async recount() {
    if (this.cursor === null || !this.sorted)
      return;
    const answer = await get('/api/board', {...this.filters, state: this.states.join(','), limit: 1}, this.signal);
    this.total = answer.total ?? this.total;
    this.showTotal();
  }

  inSight() {
    const numbers = [];
    this.list.each((view, index) => numbers.push(this.rows[index]?.incident));
    return numbers.filter((number) => number !== undefined);
  }

  tick(at) {
    this.list.each((view) => view.tick(at));
  }

  /* ---------------------------------------------------------------- what is said */

  showTotal() {
    const total = this.total ?? this.rows.length;
    this.count.textContent = this.total === null && this.cursor !== null ? `${numberText(total)}+` : numberText(total);
    this.element.classList.toggle('is-empty', this.rows.length === 0);
    if (this.rows.length === 0 && this.note === undefined) {
      this.note = h('p.column-empty', null, t('column.empty'));
      this.body.append(this.note);
    } else if (this.rows.length > 0 && this.note !== undefined) {
      this.note.remove();
      this.note = undefined;
    }
    this.onTotal(this);
  }

  showError(error) {
    this.count.textContent = '–';
    fill(this.body, h('div.column-error', {role: 'alert'}, h('p', null, error.status === 0 ? t('error.offline') : errorText(error)),
      button(t('action.retry'), {icon: 'retry', onclick: () => this.retry()})));
  }

  retry() {
    fill(this.body, skeleton('card', 4));
    this.note = undefined;
    this.load().catch(() => {});
  }

  /* ---------------------------------------------------------------- scrolled to, and focus */

  sleep() {
    this.scrolledTo = this.list.element.scrollTop;
  }

  wake() {
    this.list.element.scrollTop = this.scrolledTo ?? 0;
    this.list.draw();
  }

  focus(index) {
    return this.list.focus(Math.min(index, this.rows.length - 1));
  }
}
