// One of many by typing a part of its name: an ARIA combobox with a list, for areas, posts, categories.
import {h, fill, newId} from './h.js';
import {t} from './i18n.js';

const SHOWN_MAX = 50;

/** options: () => [{value, text, hint, also}], where `also` is found and not shown; onpick(value) with '' when it is emptied. The element is an input in a box. */
export class Picker {
  constructor({label, options, value = '', placeholder = '', onpick, id}) {
    this.options = options;
    this.onpick = onpick;
    this.value = value;
    this.found = [];
    this.at = -1;
    const listId = newId('list');
    this.input = h('input', {
      type: 'text', role: 'combobox', autocomplete: 'off', spellcheck: 'false', id: id ?? newId('picker'), 'aria-label': label,
      'aria-expanded': 'false', 'aria-controls': listId, 'aria-autocomplete': 'list', placeholder,
      oninput: () => this.open(), onclick: () => this.open(), onkeydown: (event) => this.onKey(event),
      onblur: () => this.onBlur(),
    });
    this.list = h('ul.picker-list', {role: 'listbox', id: listId, 'aria-label': label, hidden: true, onmousedown: (event) => event.preventDefault()});
    this.element = h('div.picker', null, this.input, this.list);
    this.show();
  }

  /** The chosen one's text stands in the input. */
  show() {
    this.input.value = this.value === '' ? '' : this.options().find((one) => one.value === this.value)?.text ?? this.value;
  }

  matches() {
    const words = this.input.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = this.options().find((one) => one.value === this.value)?.text;
    const all = this.options();
    if (words.length === 0 || this.input.value === chosen)
      return all.slice(0, SHOWN_MAX);
    const found = [];
    for (const one of all) {
      const text = `${one.text} ${one.hint ?? ''} ${one.also ?? ''} ${one.value}`.toLowerCase();
      if (words.every((part) => text.includes(part)) && found.push(one) === SHOWN_MAX)
        break;
    }
    return found;
  }

  open() {
    this.found = this.matches();
    this.at = -1;
    fill(this.list, this.found.length === 0 ? h('li.picker-none', {role: 'option', 'aria-disabled': 'true'}, t('picker.none'))
      : this.found.map((one, index) => h('li', {
        role: 'option', id: `${this.list.id}-${index}`, 'aria-selected': String(one.value === this.value), onclick: () => this.pick(one),
      }, h('span', null, one.text), one.hint && h('small', null, one.hint))));
    this.list.hidden = false;
    this.input.setAttribute('aria-expanded', 'true');
    this.input.removeAttribute('aria-activedescendant');
  }

  close() {
    this.list.hidden = true;
    this.input.setAttribute('aria-expanded', 'false');
    this.input.removeAttribute('aria-activedescendant');
  }

  move(by) {
    if (this.list.hidden)
      this.open();
    if (this.found.length === 0)
      return;
    this.list.children[this.at]?.classList.remove('active');
    this.at = (this.at + by + this.found.length + (this.at < 0 && by < 0 ? 1 : 0)) % this.found.length;
    const item = this.list.children[this.at];
    item.classList.add('active');
    item.scrollIntoView({block: 'nearest'});
    this.input.setAttribute('aria-activedescendant', item.id);
  }

  onKey(event) {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      this.move(event.key === 'ArrowDown' ? 1 : -1);
    } else if (event.key === 'Enter' && !this.list.hidden) {
      event.preventDefault();
      const one = this.found[this.at] ?? (this.found.length === 1 || this.input.value.trim() !== '' ? this.found[0] : undefined);
      if (one !== undefined)
        this.pick(one);
    } else if (event.key === 'Escape' && !this.list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      this.close();
      this.show();
    }
  }

  pick(one) {
    this.value = one.value;
    this.show();
    this.close();
    this.onpick?.(one.value);
  }

  // Emptied means "none"; anything else that was typed and not picked is forgotten.
  onBlur() {
    this.close();
    if (this.input.value.trim() === '' && this.value !== '') {
      this.value = '';
      this.onpick?.('');
    }
    this.show();
  }
}
