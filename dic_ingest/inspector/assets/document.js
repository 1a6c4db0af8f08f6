// One document's page: bar, pages, stream, keys.
'use strict';

const KEYS = [['j', 'next figure'], ['k', 'previous figure'], ['/', 'search'], ['f', 'figures only'], ['r', 'only what needs review'],
  ['o', 'what was read, over the picture'], ['z', 'larger'], ['p', 'pages on or off'], ['d', 'light or dark'], ['Esc', 'let go']];

const goto = {
  page: (number) => Pages.toPage(number),
  figure: (k) => Stream.select(`f${k}`),
  item: (name) => Stream.select(name, true),
};

const button = (id, text, title, act) => el('button', { class: 'quiet', id, text, title, 'aria-pressed': 'false', on: { click: act } });
const press = (at, on) => at.setAttribute('aria-pressed', String(on));
const kept = DATA.figures.filter((f) => f.kept);
const reviews = DATA.figures.filter((f) => f.review).length;

const count = el('span', { class: 'count', id: 'count', role: 'status' });
const search = el('input', { class: 'search', type: 'search', id: 'search', placeholder: 'Search  ( / )', 'aria-label': 'Search' });
const change = (part) => { Object.assign(Stream.chosen, part); Stream.apply(); };
const only = button('only', 'Figures only', 'Figures only (f)', () => { const on = Stream.chosen.view === 'all'; press(only, on); change({ view: on ? 'figures' : 'all' }); });
const review = button('review', `Needs review (${reviews})`, 'Only what needs review (r)', () => { const on = !Stream.chosen.review; press(review, on); change({ review: on }); });
const sides = button('sides', 'Pages', 'Pages on or off (p)', () => { panes.classList.toggle('flip'); press(sides, panes.classList.toggle('bare')); });

const help = el('dialog', { class: 'help', id: 'help' }, el('h2', { text: 'Keys' }),
  el('dl', {}, KEYS.flatMap(([key, what]) => [el('dt', {}, el('kbd', { text: key })), el('dd', { text: what })])),
  el('p', { text: 'Boxes on the pages are coloured by route; dashed ones were left out. Point at one for its reason.' }),
  el('p', {}, 'In a caption, ', el('span', { class: 'st graph', text: 'a solid line' }), ' means supported by the graph that was read, ',
    el('span', { class: 'st words', text: 'dots' }), ' by words in the figure, ', el('span', { class: 'st printed', text: 'dashes' }), ' by the printed text, ',
    el('span', { class: 'st none', text: 'waves' }), ' by nothing. Point at a statement to see what it rests on; click to keep it.'));
help.addEventListener('click', () => help.close());

const title = DATA.title || DATA.file;
const about = [DATA.title ? DATA.file : '', many(DATA.pages.length, 'page'), `${many(kept.length, 'figure')}${DATA.figures.length > kept.length ? ` + ${DATA.figures.length - kept.length} left out` : ''}`, DATA.parser].filter(Boolean).join(' · ');
const bar = el('header', { class: 'bar' },
  DATA.index ? el('a', { class: 'back', href: DATA.index, text: '‹ all documents' }) : null,
  el('h1', { text: title, title: DATA.source }), el('span', { class: 'about', text: about, title: about }), el('span', { class: 'grow' }),
  count, search, only, reviews ? review : null,
  chooser('route', counted(DATA.figures, (f) => f.route), (route) => change({ route })),
  chooser('kind', counted(DATA.figures, (f) => f.kind), (kind) => change({ kind })),
  sides, Theme.button(), el('button', { class: 'quiet', id: 'ask', text: '?', title: 'Keys and marks (?)', 'aria-label': 'Help', on: { click: () => help.showModal() } }));

const panes = el('div', { class: 'panes' });
const pages = Pages.start((name) => Stream.select(name));
const stream = Stream.start(goto, (shown) => { count.textContent = shown === DATA.figures.length ? '' : `${shown} of ${many(DATA.figures.length, 'figure')}`; });
panes.append(pages, stream);
document.body.append(bar, panes, help);

search.addEventListener('input', () => change({ query: search.value }));
search.addEventListener('keydown', (event) => { if (event.key === 'Enter') { search.blur(); Stream.step(1); } });

/** The chosen figure, else the first in sight. */
function current(selector) {
  const at = Stream.items.find((i) => i.name === Stream.active) || Stream.items.find((i) => i.figure !== null && !i.at.hidden && i.at.getBoundingClientRect().bottom > stream.getBoundingClientRect().top + 40);
  return at ? at.at.querySelector(selector) : null;
}

const acts = {
  j: () => Stream.step(1), k: () => Stream.step(-1), f: () => only.click(), r: () => review.click(), d: () => Theme.toggle(), p: () => sides.click(),
  o: () => current('.overlay')?.click(), z: () => current('.larger, .thumb')?.click(), '/': () => { search.focus(); search.select(); }, '?': () => help.showModal(),
};
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') {
    if (document.activeElement === search && search.value) { search.value = ''; change({ query: '' }); } else { search.blur(); Stream.drop(); }
    return;
  }
  if (typing(event) || document.querySelector('dialog[open]') || !acts[event.key]) return;
  event.preventDefault();
  acts[event.key]();
});

/** The item that an anchor names: f12 or figure-13 (the thirteenth figure), n4, or the id of a node. */
function named(anchor) {
  if (/^[fn]\d+$/.test(anchor)) return anchor;
  const number = /^figure-(\d+)$/.exec(anchor);
  if (number) return `f${number[1] - 1}`;
  const k = DATA.nodes.findIndex((n) => n.id === anchor);
  if (k < 0) return '';
  return DATA.nodes[k].figure === null ? `n${k}` : `f${DATA.nodes[k].figure}`;
}

/** #review, #figure-3, #figure-3:edge-5, #ID, #ID:node-2; nodes and edges count from 1 in the node's `graph`. */
function arrive() {
  const wanted = decoded(location.hash.slice(1));
  if (wanted === 'review' && reviews && !Stream.chosen.review) review.click();
  const [, anchor, part, number] = /^(.*?)(?::(node|edge)-(\d+))?$/.exec(wanted);
  const name = named(anchor);
  const item = Stream.items.find((i) => i.name === name);
  if (!item) return;
  Stream.select(name);
  if (part && item.figure !== null) Cards.cite(DATA.figures[item.figure], item.at, part, number - 1);
}

function decoded(text) {
  try { return decodeURIComponent(text); } catch { return text; }
}
Stream.apply();
addEventListener('hashchange', arrive);
arrive();
