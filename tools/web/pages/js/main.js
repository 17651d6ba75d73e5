// Starts the site: who is there, what things are called, which page the address means.
import {assessPage} from './assess.js';
import {boardPage} from './board.js';
import {districtPage} from './district.js';
import {escalationsPage} from './escalations.js';
import {h, fill} from './h.js';
import {t} from './i18n.js';
import {incidentPage} from './incident.js';
import {loadDirectory} from './names.js';
import {emptyState, errorState, errorText, skeleton} from './parts.js';
import {peoplePage} from './people.js';
import {reportPage} from './report.js';
import {run, startRouter} from './router.js';
import {searchPage} from './search.js';
import {loadMe, signOut, who} from './session.js';
import {onRebuild, shell} from './shell.js';
import {signInPage} from './signin.js';
import {toast} from './toast.js';

const ROUTES = [
  ['/', 'board'], ['/p/board', 'board'], ['/p/incident/:number', 'incident'], ['/p/district', 'district'], ['/p/district/:area', 'district'],
  ['/p/escalations', 'escalations'], ['/p/people', 'people'], ['/p/assess', 'assess'], ['/p/search', 'search'], ['/p/report', 'report'],
];
const PAGES = {board: boardPage, incident: incidentPage, district: districtPage, escalations: escalationsPage, people: peoplePage,
  assess: assessPage, search: searchPage, report: reportPage, missing: missingPage};

const root = document.getElementById('app');
let frame = null; // the shell, while somebody is signed in
let page = null;
let kept = null; // the board, as it was left: {key, page}
let first = true;
let lastUser = null;

function missingPage() {
  return {title: t('missing.title'), element: h('div.page', null, h('h1.hidden', {tabindex: '-1'}, t('missing.title')), emptyState(t('missing.title'), t('missing.hint'), h('a.button.primary', {href: '/p/board'}, t('nav.board'))))};
}

/* ---------------------------------------------------------------- pages */

// The board is kept when an incident is looked at, with its rows and where it was scrolled to.
function leavePage() {
  if (page === null)
    return;
  if (page.keep) {
    page.sleep();
    kept = page;
  } else {
    page.leave?.();
  }
  page = null;
}

function dropKept() {
  kept?.leave();
  kept = null;
}

function open(route) {
  const key = `${route.name}?${route.query}`;
  if (route.name === 'board' && kept !== null && (kept.key === key || route.query.size === 0)) {
    const board = kept;
    kept = null;
    return board;
  }
  if (route.name !== 'incident')
    dropKept();
  return PAGES[route.name](route.params, route.query);
}

function show(route) {
  if (frame === null)
    return;
  leavePage();
  page = open(route);
  document.title = `${page.title} · gridpost`;
  frame.show(page.element);
  frame.mark(route.name);
  const hasFocus = page.enter?.() === true;
  // Who reads by ear hears where they are; the first page is announced by its title.
  if (!first && !hasFocus)
    (page.element.querySelector('h1') ?? frame.main).focus?.({preventScroll: true});
  first = false;
  if (route.name !== 'board')
    window.scrollTo(0, 0);
}

/* ---------------------------------------------------------------- in and out */

function toSignIn(ended) {
  leavePage();
  dropKept();
  frame = null;
  const sign = signInPage({ended, done: toShell});
  document.title = `${sign.title} · gridpost`;
  fill(root, sign.element);
  sign.focus();
}

async function onSignOut() {
  try {
    await signOut();
    toSignIn(false);
  } catch (error) {
    toast(errorText(error), 'red');
  }
}

// Somebody else at the same desk begins anew: the address is still that of who was here before.
function welcome() {
  const {user} = who();
  if (lastUser !== null && lastUser !== user)
    history.replaceState(null, '', '/p/board');
  lastUser = user;
}

async function toShell() {
  await loadDirectory();
  welcome();
  frame = shell(onSignOut);
  fill(root, frame.element);
  first = true;
  run();
}

function toFailure(error) {
  document.title = `${t('page.failed')} · gridpost`;
  fill(root, h('main.sign', {id: 'main'}, h('h1.hidden', null, 'gridpost'), errorState(error, start)));
}

async function start() {
  fill(root, h('div.starting', null, skeleton('line', 3)));
  try {
    if (await loadMe() === null)
      toSignIn(false);
    else
      await toShell();
  } catch (error) {
    toFailure(error);
  }
}

document.addEventListener('signed-out', () => {
  if (frame !== null)
    toSignIn(true);
});

onRebuild(() => {
  leavePage();
  dropKept();
  if (who() === null || frame === null) {
    toSignIn(false);
    return;
  }
  frame = shell(onSignOut);
  fill(root, frame.element);
  run();
});

startRouter(ROUTES, show);
if (location.pathname === '/')
  history.replaceState(null, '', `/p/board${location.search}`);
start();

