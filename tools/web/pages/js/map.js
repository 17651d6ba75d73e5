// Outlines of areas as a map: GeoJSON becomes SVG, each area a link coloured by how late it is.
import {h, s} from './h.js';
import {t} from './i18n.js';
import {areaName} from './names.js';

const WIDTH = 1000;
const NEAR = 1.2; // units of the drawing: closer points are not drawn
const SHOWN = [500, 560], SHOWN_PHONE = [330, 560]; // about what it gets of the window, px; the height as in the style sheet
const NAME_PX = 14, NAME_PX_PHONE = 12;

function rings(geometry) {
  if (geometry?.type === 'Polygon')
    return geometry.coordinates;
  return geometry?.type === 'MultiPolygon' ? geometry.coordinates.flat() : [];
}

function boundsOf(features) {
  const box = {west: Infinity, east: -Infinity, south: Infinity, north: -Infinity};
  for (const feature of features) {
    for (const ring of rings(feature.geometry)) {
      for (const [lon, lat] of ring) {
        box.west = Math.min(box.west, lon);
        box.east = Math.max(box.east, lon);
        box.south = Math.min(box.south, lat);
        box.north = Math.max(box.north, lat);
      }
    }
  }
  return box;
}

/** Degrees to units: a degree of longitude is shorter the further north it is. */
function projection(box) {
  const narrow = Math.cos((box.south + box.north) / 2 * Math.PI / 180);
  const scale = WIDTH / Math.max((box.east - box.west) * narrow, (box.north - box.south) * 0.75, 1e-9);
  return {
    width: Math.max(1, (box.east - box.west) * narrow * scale), height: Math.max(1, (box.north - box.south) * scale),
    point: ([lon, lat]) => [(lon - box.west) * narrow * scale, (box.north - lat) * scale],
  };
}

function pathOf(geometry, point) {
  let text = '';
  for (const ring of rings(geometry)) {
    let x = Infinity, y = Infinity, first = true;
    for (const at of ring) {
      const [px, py] = point(at);
      if (!first && Math.abs(px - x) + Math.abs(py - y) < NEAR)
        continue;
      text += `${first ? 'M' : 'L'}${px.toFixed(1)} ${py.toFixed(1)}`;
      [x, y, first] = [px, py, false];
    }
    text += 'Z';
  }
  return text;
}

/** The middle of the largest ring: where the name stands. */
function middleOf(geometry, point) {
  const ring = rings(geometry).reduce((best, one) => (one.length > best.length ? one : best), []);
  let area = 0, cx = 0, cy = 0;
  for (let i = 0; i + 1 < ring.length; i++) {
    const [x0, y0] = point(ring[i]), [x1, y1] = point(ring[i + 1]);
    const cross = x0 * y1 - x1 * y0;
    area += cross;
    cx += (x0 + x1) * cross;
    cy += (y0 + y1) * cross;
  }
  return area === 0 ? [0, 0] : [cx / (3 * area), cy / (3 * area)];
}

/** Units of the drawing that are so many px of the window. */
function units(px, {width, height}, [widest, highest]) {
  return (px * Math.max(width / widest, height / highest)).toFixed(1);
}

/** collection: GeoJSON; counts: Map area → counts; look(counts) → {level, text, short}. Null: there is nothing to draw. */
export function areaMap(collection, counts, look) {
  const features = collection.features.filter((one) => counts.has(one.properties?.area) && rings(one.geometry).length > 0);
  if (features.length === 0)
    return null;
  const to = projection(boundsOf(features));
  const shapes = features.map((one) => {
    const code = one.properties.area, {level, text} = look(counts.get(code));
    return s('a', {href: `/p/district/${encodeURIComponent(code)}`, 'aria-label': `${areaName(code)}: ${text}`, 'data-level': level},
      s('title', null, `${areaName(code)} – ${text}`), s('path', {d: pathOf(one.geometry, to.point)}));
  });
  const names = features.length > 40 ? [] : features.map((one) => {
    const [x, y] = middleOf(one.geometry, to.point);
    return s('text', {x: x.toFixed(1), y: y.toFixed(1)}, s('tspan', {x: x.toFixed(1), dy: '-.1em'}, areaName(one.properties.area)),
      s('tspan.map-late', {x: x.toFixed(1), dy: '1.2em'}, look(counts.get(one.properties.area)).short));
  });
  return h('figure.map', {vars: {name: `${units(NAME_PX, to, SHOWN)}px`, 'name-phone': `${units(NAME_PX_PHONE, to, SHOWN_PHONE)}px`}}, s('svg', {viewBox: `-6 -6 ${(to.width + 12).toFixed(0)} ${(to.height + 12).toFixed(0)}`, role: 'group', 'aria-label': t('district.map')}, shapes, s('g', {'aria-hidden': 'true'}, names)));
}
