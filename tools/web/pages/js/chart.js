// Lines over time, as SVG of the width that there is. What it shows is also a table, for who cannot see it and for who wants the figures.
import {h, fill, s} from './h.js';
import {t} from './i18n.js';

const HEIGHT = 260;
const LEFT = 52, RIGHT = 16, TOP = 12, BOTTOM = 30;
const TICKS = 4;

/** Ends of the scale whose quarters are whole numbers. */
export function niceMax(value) {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, value / 4)));
  return 4 * [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].map((one) => one * power).find((one) => Number.isInteger(one) && 4 * one >= value);
}

function niceMin(value, max) {
  return max === 10000 ? [8000, 6000, 4000, 2000].find((one) => one <= value) ?? 0 : 0;
}

function scales(lines, count, width, max) {
  const values = lines.flatMap((line) => line.values).filter((one) => one !== null);
  const top = max ?? niceMax(Math.max(0, ...values));
  const bottom = niceMin(Math.min(top, ...values), top);
  const step = count > 1 ? (width - LEFT - RIGHT) / (count - 1) : 0;
  return {
    top, bottom,
    x: (index) => (count > 1 ? LEFT + index * step : (LEFT + width - RIGHT) / 2),
    y: (value) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - (value - bottom) / (top - bottom)),
  };
}

/** A line with gaps where a period has no value. */
function pathOf(values, at) {
  let text = '', pen = false;
  values.forEach((value, index) => {
    if (value !== null)
      text += `${pen ? 'L' : 'M'}${at.x(index).toFixed(1)} ${at.y(value).toFixed(1)}`;
    pen = value !== null;
  });
  return text;
}

function axes(labels, at, width, format) {
  const grid = Array.from({length: TICKS + 1}, (all, i) => at.bottom + (at.top - at.bottom) * i / TICKS).map((value) => s('g', null,
    s('line.grid', {x1: LEFT, x2: width - RIGHT, y1: at.y(value), y2: at.y(value)}), s('text.axis', {x: LEFT - 8, y: at.y(value) + 4, 'text-anchor': 'end'}, format(value))));
  const every = Math.ceil(labels.length / Math.max(2, Math.floor((width - LEFT) / 76)));
  const below = labels.map((label, index) => (labels.length - 1 - index) % every === 0 && s('text.axis', {
    x: at.x(index), y: HEIGHT - 8, 'text-anchor': index === 0 ? 'start' : index === labels.length - 1 ? 'end' : 'middle'}, label));
  return [grid, below];
}

function draw(box, {labels, lines, format, max, title}) {
  const width = Math.max(280, box.clientWidth);
  const at = scales(lines, labels.length, width, max);
  const marks = lines.map((line, number) => s('g', {'data-line': number}, s('path.line', {d: pathOf(line.values, at)}),
    line.values.map((value, index) => value !== null && s('circle.dot', {cx: at.x(index), cy: at.y(value), r: 3.5}, s('title', null, `${line.name}, ${labels[index]}: ${format(value)}`)))));
  fill(box, s('svg.chart-svg', {viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT, role: 'img', 'aria-label': title}, axes(labels, at, width, format), marks));
}

function asTable({labels, lines, format}) {
  return h('details.chart-data', null, h('summary', null, t('chart.data')), h('div.table-box', {tabindex: '0', role: 'region', 'aria-label': t('chart.data')}, h('table.table', null,
    h('thead', null, h('tr', null, h('th', {scope: 'col'}, t('chart.period')), lines.map((line) => h('th.number', {scope: 'col'}, line.name)))),
    h('tbody', null, labels.map((label, index) => h('tr', null, h('th', {scope: 'row'}, label), lines.map((line) => h('td.number', null, line.values[index] === null ? t('number.none') : format(line.values[index])))))))));
}

/** spec: {title, labels, lines: [{name, values}], format, max}. Draws itself anew when its width changes. */
export function lineChart(spec) {
  const box = h('div.chart-box');
  new ResizeObserver(() => box.clientWidth > 0 && draw(box, spec)).observe(box);
  return h('figure.chart', null, h('figcaption', null, spec.title),
    h('ul.chart-legend', null, spec.lines.map((line, number) => h('li', {'data-line': number}, h('i'), line.name))), box, asTable(spec));
}
