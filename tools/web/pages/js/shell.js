// What stands around every page: navigation, search, language, colours, who is signed in, and whether what is shown is up to date.
import {isReachable, onReachable} from './api.js';
import {now} from './clock.js';
import {h, fill} from './h.js';
import {dateTimeText, dots, isoAt, language, setLanguage, t, word} from './i18n.js';
import {icon} from './icons.js';
import {postTitle} from './names.js';
import {button} from './parts.js';
import {recall, remember} from './prefs.js';
import {go} from './router.js';
import {hasRight, seesOwnOnly, who} from './session.js';
import {announcer, toastPlace} from './toast.js';

const PAGES = ['board', 'district', 'escalations', 'people', 'assess', 'search'];

/* ---------------------------------------------------------------- language and colours */

let rebuild = () => {};

export function onRebuild(call) {
  rebuild = call;
}

function setTheme(theme) {
  if (theme === 'auto')
    delete document.documentElement.dataset.theme;
  else
    document.documentElement.dataset.theme = theme;
  remember('theme', theme === 'auto' ? null : theme);
}

function theme() {
  return recall('theme') ?? 'auto';
}

/** Both choices; each is a button that says what it changes to. */
export function preferences() {
  const other = language() === 'zh' ? 'en' : 'zh';
  const next = {auto: 'light', light: 'dark', dark: 'auto'};
  const picture = {auto: 'auto', light: 'sun', dark: 'moon'};
  const themeButton = button(t(`theme.${theme()}`), {icon: picture[theme()], kind: 'quiet', title: t('theme.title'), 'aria-label': `${t('theme.title')}: ${t(`theme.${theme()}`)}`,
    onclick: () => {
      setTheme(next[theme()]);
      const place = box.parentElement;
      place.replaceChild(preferences(), box);
      place.querySelector('[data-pref=theme]').focus();
    }});
  themeButton.dataset.pref = 'theme';
  const box = h('div.preferences', null,
    button(other === 'en' ? 'English' : '中文', {icon: 'language', kind: 'quiet', lang: other === 'en' ? 'en' : 'zh-CN',
      onclick: () => {
        setLanguage(other);
        rebuild();
      }}), themeButton);
  return box;
}

/* ---------------------------------------------------------------- around a page */

function navLink(name) {
  return h('a.nav-link', {href: `/p/${name}`, 'data-page': name}, icon(name), h('span.nav-text', null, t(`nav.${name}`)), h('span.nav-short', {'aria-hidden': 'true'}, t(`nav_short.${name}`)));
}

function searchForm() {
  const input = h('input', {type: 'search', name: 'q', 'aria-label': t('search.label'), placeholder: t('search.placeholder'), autocomplete: 'off'});
  return h('form.top-search', {role: 'search', onsubmit: (event) => {
    event.preventDefault();
    go(`/p/search?q=${encodeURIComponent(input.value.trim())}`);
  }}, icon('search'), input);
}

function userMenu(onSignOut) {
  const me = who();
  const menu = h('details.menu', {onkeydown: (event) => {
    if (event.key === 'Escape' && menu.open) {
      menu.open = false;
      menu.querySelector('summary').focus();
    }
  }}, h('summary', {'aria-label': t('user.menu', {name: me.name})}, icon('user'), h('span.menu-name', null, me.name)),
  h('div.menu-body', null, h('p.menu-who', null, me.name), h('p.menu-role', null, dots([word('role', me.role), me.user])),
    me.posts.length > 0 && h('ul.menu-posts', null, me.posts.slice(0, 5).map((post) => h('li', null, postTitle(post)))),
    preferences(), button(t('sign.out'), {icon: 'out', kind: 'plain', onclick: onSignOut})));
  return menu;
}

// By the path of the click: a button that has put another in its place is no longer in the menu.
document.addEventListener('click', (event) => {
  for (const menu of document.querySelectorAll('details.menu[open]')) {
    if (!event.composedPath().includes(menu))
      menu.open = false;
  }
});

/** The banner that says how old what is shown may be. */
function offlineBanner() {
  const text = h('span');
  const banner = h('div.offline', {role: 'status', hidden: isReachable()}, icon('offline'), text);
  const say = () => {
    banner.hidden = isReachable();
    text.textContent = isReachable() ? '' : t('page.offline', {time: dateTimeText(isoAt(now()))});
  };
  say();
  onReachable(say);
  return banner;
}

/** {element, main, mark(name)}: pages are put into main. */
export function shell(onSignOut) {
  const me = who();
  const main = h('main.main', {id: 'main', tabindex: '-1'});
  const links = PAGES.filter((name) => (name !== 'assess' || me.assess !== null) && (name !== 'district' || !seesOwnOnly())).map(navLink);
  const nav = h('nav.side', {'aria-label': t('nav.label')}, links);
  const top = h('header.top', null,
    h('a.brand', {href: '/p/board', 'aria-label': `gridpost, ${t('nav.board')}`}, h('img', {src: '/static/icons/app.svg', alt: '', width: 32, height: 32}), h('span', {'aria-hidden': 'true'}, 'gridpost')),
    me.drill && h('span.drill', {title: t('drill.hint')}, me.rate > 1 ? t('drill.rate', {rate: me.rate}) : t('drill.label')),
    searchForm(),
    hasRight('report') && h('a.button.primary.top-report', {href: '/p/report'}, icon('report'), h('span', null, t('nav.report'))),
    userMenu(onSignOut));
  const element = h('div.shell', null, h('a.skip', {href: '#main', onclick: (event) => {
    event.preventDefault();
    main.focus();
  }}, t('nav.skip')), top, nav, h('div.content', null, offlineBanner(), main), toastPlace(), announcer());

  function mark(name) {
    const page = name === 'incident' ? 'board' : name;
    for (const link of links) {
      if (link.dataset.page === page)
        link.setAttribute('aria-current', name === page ? 'page' : 'true');
      else
        link.removeAttribute('aria-current');
    }
  }

  return {element, main, mark, show: (page) => fill(main, page)};
}
