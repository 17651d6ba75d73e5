// Icons, 24 × 24, drawn with one stroke in the colour of the text beside them.
import {s} from './h.js';

const PATHS = {
  board: 'M4 5h4v14H4zM10 5h4v9h-4zM16 5h4v11h-4z',
  district: 'M9 4 3.5 6.5v13L9 17l6 2.5 5.5-2.5V4L15 6.5zM9 4v13M15 6.5v13',
  escalations: 'M12 4 2.8 19.5h18.4zM12 10v4.5M12 17v.1',
  people: 'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20c.5-4 3-6 6.5-6s6 2 6.5 6M16 4.5a3.5 3.5 0 0 1 0 6.5M17.5 14.300c2.300.7 3.700 2.600 4 5.700',
  assess: 'M4 20V4M4 20h16M8 16l3.5-4.5 3 2.5L20 7',
  search: 'M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5 20.5 20.5',
  report: 'M12 5v14M5 12h14',
  sun: 'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.300 5.300l1.4 1.4M17.300 17.300l1.4 1.4M18.700 5.300l-1.4 1.4M6.700 17.300l-1.4 1.4',
  moon: 'M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z',
  auto: 'M12 3.5a8.5 8.5 0 1 0 0 17zM12 3.5a8.5 8.5 0 0 1 0 17',
  language: 'M3.5 12a8.5 8.5 0 1 0 17 0 8.5 8.5 0 0 0-17 0zM3.5 12h17M12 3.5c2.5 2.4 3.5 5.300 3.5 8.5s-1 6.100-3.5 8.5c-2.5-2.4-3.5-5.300-3.5-8.5s1-6.100 3.5-8.5z',
  user: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.5c.6-4.300 3.300-6.5 7.5-6.5s6.900 2.200 7.5 6.5',
  out: 'M14 4H5v16h9M10 12h11M17.5 8.5 21 12l-3.5 3.5',
  check: 'M4.5 12.5 10 18 20 6.5',
  cross: 'M6 6l12 12M18 6 6 18',
  clock: 'M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM12 7v5l3.5 2',
  arrow: 'M5 12h14M13 6l6 6-6 6',
  back: 'M19 12H5M11 6l-6 6 6 6',
  down: 'M6 9.5l6 6 6-6',
  right: 'M9.5 6l6 6-6 6',
  pause: 'M8 5v14M16 5v14',
  play: 'M7 4.5v15L19.5 12z',
  download: 'M12 4v11M7 10.5l5 5 5-5M4.5 20h15',
  bell: 'M6 16.5V11a6 6 0 1 1 12 0v5.5l1.5 1.5h-15zM10 20.5h4',
  offline: 'M3 3l18 18M8.5 15.5a5 5 0 0 1 7 0M5 12a10 10 0 0 1 4.5-2.600M19 12a10 10 0 0 0-5-2.700M2 8.5a15 15 0 0 1 4.5-2.900M22 8.5A15 15 0 0 0 11 4.600M12 19v.1',
  empty: 'M3.5 13 6.5 5h11l3 8v6h-17zM3.5 13h5l1.5 3h4l1.5-3h5',
  pin: 'M12 21s7-6.200 7-11.5a7 7 0 1 0-14 0C5 14.8 12 21 12 21zM12 12a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z',
  retry: 'M20 5v5h-5M19.5 10A8 8 0 1 0 20 14',
  note: 'M5 4h14v12l-4 4H5zM15 20v-4h4M8.5 8.5h7M8.5 12h5',
  hand: 'M4 17l5-2 4 3 7-6M4 21h16M14 4h6v6M20 4l-7 7',
  step: 'M4 20V10l8-6 8 6v10M12 10v4M12 17v.1',
};

/** Decoration: the text beside it says it, or the button's label. */
export function icon(name) {
  return s('svg.icon', {viewBox: '0 0 24 24', width: 20, height: 20, 'aria-hidden': 'true', focusable: 'false'},
    s('path', {d: PATHS[name] ?? ''}));
}
