// A list of any length of which only the rows in sight exist. All rows have one height, which CSS says (--row).
import {h} from './h.js';

const AROUND = 5; // rows that exist above and below the ones in sight

/**
 * make(index) → {element, update?(index)}; needMore() when the end comes near.
 * setCount(n) tells how many rows there are; refresh() that what they show has changed.
 */
export class VirtualList {
  constructor({make, keyOf, needMore, label, tail}) {
    Object.assign(this, {make, keyOf, needMore, tail});
    this.count = 0;
    this.rows = new Map(); // key → {item, view, index}
    this.focusAt = 0;
    this.list = h('ul.virtual-rows', {role: 'list', 'aria-label': label});
    this.element = h('div.virtual', {onscroll: () => this.later(), onkeydown: (event) => this.onKey(event), onfocusin: (event) => this.onFocus(event)}, this.list);
    this.frame = 0;
    this.rowHeight = 0;
    new ResizeObserver(() => this.measure()).observe(this.element);
  }

  measure() {
    this.rowHeight = parseFloat(getComputedStyle(this.element).getPropertyValue('--row')) || 100;
    this.height = this.element.clientHeight;
    this.size();
    this.stale = true;
    this.draw();
  }

  size() {
    this.list.style.height = `${this.count * this.rowHeight}px`;
  }

  later() {
    if (this.frame === 0)
      this.frame = requestAnimationFrame(() => this.draw());
  }

  setCount(count) {
    if (count !== this.count) {
      this.count = count;
      this.size();
    }
    this.later();
  }

  refresh() {
    this.stale = true;
    this.later();
  }

  inSight() {
    const top = this.element.scrollTop;
    const first = Math.max(0, Math.floor(top / this.rowHeight) - AROUND);
    const last = Math.min(this.count, Math.ceil((top + this.height) / this.rowHeight) + AROUND);
    return [first, last];
  }

  draw() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    if (this.rowHeight === 0 || this.height === 0)
      return;
    const [first, last] = this.inSight();
    const keep = new Set();
    if ((this.focusAt < first || this.focusAt >= last) && !this.element.contains(document.activeElement))
      this.focusAt = Math.min(Math.ceil(this.element.scrollTop / this.rowHeight), Math.max(0, this.count - 1)); // the keyboard's way in
    for (let index = first; index < last; index++)
      keep.add(this.place(index));
    for (const [key, row] of this.rows) {
      if (!keep.has(key))
        this.drop(key, row);
    }
    this.stale = false;
    if (last >= this.count - 2 * AROUND)
      this.needMore?.();
  }

  place(index) {
    const key = this.keyOf(index);
    let row = this.rows.get(key);
    if (row === undefined) {
      const view = this.make(index);
      const item = h('li.virtual-row', null, view.element);
      row = {item, view, index: -1};
      this.rows.set(key, row);
      this.list.append(item);
    } else if (this.stale) {
      row.view.update?.(index);
    }
    if (row.index !== index || this.stale) {
      row.index = index;
      row.item.style.transform = `translateY(${index * this.rowHeight}px)`; // a custom property would be inherited by all that is in it
      row.item.setAttribute('aria-posinset', String(index + 1));
      row.item.setAttribute('aria-setsize', String(this.count));
    }
    this.target(row).tabIndex = index === this.focusAt ? 0 : -1;
    return key;
  }

  target(row) {
    return row.view.element;
  }

  // What has the focus stays, wherever it is scrolled to, or the keyboard would fall out of the list.
  drop(key, row) {
    if (row.item.contains(document.activeElement) && row.index < this.count && this.keyOf(row.index) === key)
      return;
    const hadFocus = row.item.contains(document.activeElement);
    row.item.remove();
    this.rows.delete(key);
    if (hadFocus && this.count > 0)
      this.focus(Math.min(row.index, this.count - 1));
  }

  each(call) {
    this.rows.forEach((row) => call(row.view, row.index));
  }

  /* ---------------------------------------------------------------- keyboard: one stop, arrows within */

  onFocus(event) {
    for (const row of this.rows.values()) {
      if (row.item.contains(event.target))
        this.focusAt = row.index;
    }
    this.later();
  }

  /** Brings a row into sight and gives it the focus. False: there is none. */
  focus(index) {
    if (index < 0 || index >= this.count)
      return false;
    const top = index * this.rowHeight;
    if (top < this.element.scrollTop)
      this.element.scrollTop = top;
    else if (top + this.rowHeight > this.element.scrollTop + this.height)
      this.element.scrollTop = top + this.rowHeight - this.height;
    this.focusAt = index;
    this.draw();
    const row = this.rows.get(this.keyOf(index));
    if (row === undefined)
      return false;
    this.target(row).focus({preventScroll: true});
    return true;
  }

  onKey(event) {
    const page = Math.max(1, Math.floor(this.height / this.rowHeight) - 1);
    const to = {ArrowDown: this.focusAt + 1, ArrowUp: this.focusAt - 1, Home: 0, End: this.count - 1,
      PageDown: Math.min(this.count - 1, this.focusAt + page), PageUp: Math.max(0, this.focusAt - page)}[event.key];
    if (to === undefined || event.altKey || event.ctrlKey || event.metaKey)
      return;
    event.preventDefault();
    this.focus(to);
  }
}
