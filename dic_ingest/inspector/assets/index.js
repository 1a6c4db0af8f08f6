// The list of documents: search, sort, what failed.
'use strict';

const docs = DATA.documents;
const sum = (of) => docs.reduce((total, d) => total + of(d), 0);

function row(doc) {
  const facts = el('div', { class: 'facts' },
    doc.review ? el('span', { class: 'look', text: `${doc.review} to review` }) : null,
    el('span', { text: `${many(doc.pages, 'page')} · ${many(doc.nodes, 'node')}` }),
    doc.precision === null ? null : el('span', {}, 'supported ', meter(doc.precision, 0.8), ` ${percent(doc.precision)}`),
    doc.recall === null ? null : el('span', {}, 'words covered ', meter(doc.recall, 0.6), ` ${percent(doc.recall)}`),
    doc.warnings ? el('span', { text: many(doc.warnings, 'warning') }) : null);
  const left = doc.left_out ? `, ${doc.left_out} left out` : '';
  const text = el('div', {},
    el('h2', { text: doc.title || doc.file }),
    el('p', { text: `${doc.title ? `${doc.file} · ` : ''}${many(doc.figures, 'figure')}${left}` }),
    el('div', { class: 'kinds' }, doc.kinds.map(([kind, n]) => el('span', { text: n > 1 ? `${kind} ${n}` : kind }))));
  const thumb = doc.thumb
    ? el('img', { class: 'thumb', src: doc.thumb, loading: 'lazy', alt: '' })
    : el('span', { class: 'nothumb' });
  return el('a', { class: 'doc', href: doc.href }, thumb, text, facts);
}

const rows = docs.map((doc) => ({ doc, at: row(doc), text: folded(`${doc.title} ${doc.file} ${doc.name} ${doc.kinds.map((k) => k[0]).join(' ')}`) }));
const list = el('div', { class: 'list' }, rows.map((r) => r.at));
const count = el('span', { class: 'count' });
const search = el('input', { class: 'search', type: 'search', id: 'search', placeholder: 'Search titles, files, kinds  ( / )', 'aria-label': 'Search' });
const review = el('button', { class: 'quiet', id: 'review', 'aria-pressed': 'false', text: `Needs review (${docs.filter((d) => d.review).length})` });
const order = el('select', { class: 'quiet', id: 'order', 'aria-label': 'Order' },
  el('option', { value: 'name', text: 'by name' }), el('option', { value: 'review', text: 'most to review first' }),
  el('option', { value: 'figures', text: 'most figures first' }));

function apply() {
  const query = folded(search.value.trim());
  const only = review.getAttribute('aria-pressed') === 'true';
  let shown = 0;
  for (const r of rows) {
    r.at.hidden = !r.text.includes(query) || (only && !r.doc.review);
    shown += !r.at.hidden;
  }
  count.textContent = shown === rows.length ? many(shown, 'document') : `${shown} of ${many(rows.length, 'document')}`;
}
function sort() {
  const by = order.value;
  const sorted = by === 'name' ? rows : [...rows].sort((a, b) => b.doc[by] - a.doc[by]);
  list.append(...sorted.map((r) => r.at));
}
search.addEventListener('input', apply);
order.addEventListener('change', sort);
review.addEventListener('click', () => {
  review.setAttribute('aria-pressed', String(review.getAttribute('aria-pressed') !== 'true'));
  apply();
});
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') search.blur();
  if (typing(event)) return;
  if (event.key === '/') { event.preventDefault(); search.focus(); }
  if (event.key === 'd') Theme.toggle();
});

const failed = DATA.failures.map((f) => el('div', { class: 'doc failed' },
  el('div', {}, el('h2', { text: f.name }), el('p', { text: f.reason }))));
document.body.append(el('main', {},
  el('h1', { text: 'What was read' }),
  el('p', { class: 'sum', text: `${many(sum((d) => d.figures), 'figure')} and ${many(sum((d) => d.nodes), 'node')} from ${many(sum((d) => d.pages), 'page')}; ${many(sum((d) => d.review), 'figure needs', 'figures need')} review.` }),
  el('div', { class: 'tools' }, search, review, order, count, Theme.button()),
  list,
  failed.length ? [el('h2', { class: 'rest', text: 'Could not be shown' }), el('div', { class: 'list' }, failed)] : null));
apply();
