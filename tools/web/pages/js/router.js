// Which page an address shows. Links inside the site change the address without loading it anew.

let routes = [];
let onRoute = () => {};

/** table: [[pattern, name] …]: '/p/incident/:number' */
export function startRouter(table, show) {
  routes = table.map(([pattern, name]) => [new RegExp(`^${pattern.replace(/:(\w+)/g, '(?<$1>[^/]+)')}/?$`), name]);
  onRoute = show;
  window.addEventListener('popstate', run);
  document.addEventListener('click', onClick);
}

function onClick(event) {
  const link = event.target.closest?.('a[href^="/p/"]');
  if (link === null || link === undefined || event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey)
    return;
  event.preventDefault();
  go(link.getAttribute('href'));
}

function safeDecode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function current() {
  for (const [pattern, name] of routes) {
    const found = pattern.exec(location.pathname);
    if (found !== null) {
      const params = Object.fromEntries(Object.entries(found.groups ?? {}).map(([key, value]) => [key, safeDecode(value)]));
      return {name, params, query: new URLSearchParams(location.search)};
    }
  }
  return {name: 'missing', params: {}, query: new URLSearchParams()};
}

export function run() {
  onRoute(current());
}

export function go(href) {
  if (href !== location.pathname + location.search)
    history.pushState(null, '', href);
  run();
}

/** Changes the query of the page that is shown, without showing it anew. */
export function setQuery(values) {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) {
    if (value !== null && value !== undefined && value !== '' && value !== false)
      query.set(key, value === true ? '1' : value);
  }
  const text = query.toString();
  history.replaceState(null, '', location.pathname + (text === '' ? '' : `?${text}`));
  return text;
}
