// One incident on the board or in a list of results.
import {now} from './clock.js';
import {h} from './h.js';
import {dots, t} from './i18n.js';
import {areaName, areaPath, categoryName, departmentName, personName, postTitle} from './names.js';
import {badge, limitBar, stateBadge} from './parts.js';

function ownerText(row) {
  return row.owner_person !== null ? personName(row.owner_person) : row.owner !== null ? postTitle(row.owner) : t('card.nobody');
}

function badges(row, withState) {
  return [
    (withState || ['rework', 'reopened'].includes(row.state)) && stateBadge(row.state), // where no clock runs, the bar says the state
    row.urgent && badge(t('card.urgent'), 'red'),
    row.overdue && now() < row.dueMs && badge(t('card.overdue'), 'red'), // once late, and now has time again; else the bar says it
    row.private && badge(t('card.private'), 'grey'),
  ];
}

function head(row, withState) {
  return h('span.card-head', null, h('span.card-title', null, categoryName(row.category, row.condition)), badges(row, withState),
    h('span.card-number', null, `#${row.incident}`));
}

function foot(row) {
  return h('span.card-foot', {title: dots([areaPath(row.area), departmentName(row.department), postTitle(row.owner)])},
    h('span.card-area', null, areaName(row.area)), h('span.card-owner', null, ownerText(row)));
}

/** {element, update(row), tick(at)}: a link; its bar moves by itself when ticked. */
export function card(row, {withState = false, fresh = false} = {}) {
  const bar = limitBar(row, now());
  const text = h('span.card-text');
  const element = h('a.card', {href: `/p/incident/${row.incident}`, 'data-number': row.incident});
  let shown = row;

  function fillIn() {
    text.textContent = shown.text || t(shown.private ? 'card.private_text' : 'card.no_text');
    text.classList.toggle('none', !shown.text);
    element.replaceChildren(head(shown, withState), text, foot(shown), bar.element);
    tick(now());
  }

  function tick(at) {
    element.dataset.colour = bar.update(shown, at);
  }

  function update(next) {
    if (next === shown)
      return;
    shown = next;
    fillIn();
  }

  fillIn();
  if (fresh)
    element.classList.add('fresh');
  return {element, update, tick};
}
