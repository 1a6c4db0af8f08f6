// Building blocks of all pages: elements made from data (text is only ever set as text), theme, matching.
'use strict';

const DATA = JSON.parse(document.getElementById('data').textContent);
const SVG = 'http://www.w3.org/2000/svg';

/** An element. `props`: class, text, on (listeners), vars (CSS properties); anything else is an attribute. */
function el(tag, props, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(props || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'class') made.className = value;
    else if (name === 'text') made.textContent = value;
    else if (name === 'on') for (const [event, act] of Object.entries(value)) made.addEventListener(event, act);
    else if (name === 'vars') for (const [key, v] of Object.entries(value)) made.style.setProperty(key, v);
    else made.setAttribute(name, value === true ? '' : value);
  }
  made.append(...children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== ''));
  return made;
}

/** An SVG element with attributes. */
function svg(tag, attributes, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes || {})) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

const percent = (share) => `${Math.round(100 * share)} %`;
const many = (n, one, more) => `${n} ${n === 1 ? one : more || `${one}s`}`;
const folded = (text) => text.toLowerCase().replace(/\s+/g, ' ');
const tint = (route) => `var(--${/^(diagram|chart|photo|screenshot|table|formula|duplicate|decoration|skipped)$/
  .test(route) ? route : 'other'})`;

/** A thin bar for a share of 0..1. */
function meter(share, low) {
  const bar = el('i', { vars: { width: `${Math.max(0, Math.min(1, share)) * 100}%` } });
  return el('span', { class: share < low ? 'meter low' : 'meter', 'aria-hidden': 'true' }, bar);
}

/** Counts of a property's values, most frequent first. */
function counted(items, of) {
  const counts = new Map();
  for (const item of items) counts.set(of(item), (counts.get(of(item)) || 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}

/** A drop-down "all ...", then each value with its count. */
function chooser(name, counts, changed) {
  const options = counts.map(([value, n]) => el('option', { value, text: `${value} (${n})` }));
  const box = el('select', { class: 'quiet', 'aria-label': name, id: `by-${name}` },
    el('option', { value: '', text: `any ${name}` }), options);
  box.addEventListener('change', () => changed(box.value));
  return box;
}

const Theme = {
  key: 'dic-ingest-theme',
  changed: [],
  dark() { return document.documentElement.dataset.theme === 'dark'; },
  start() {
    const system = matchMedia('(prefers-color-scheme: dark)');
    let stored = null;
    try { stored = localStorage.getItem(this.key); } catch { /* storage is off for files in some browsers */ }
    this.set((stored || (system.matches ? 'dark' : 'light')) === 'dark');
    system.addEventListener('change', (event) => this.set(event.matches));
  },
  set(dark) {
    document.documentElement.dataset.theme = dark ? 'dark' : 'light';
    for (const act of this.changed) act();
  },
  toggle() {
    this.set(!this.dark());
    try { localStorage.setItem(this.key, this.dark() ? 'dark' : 'light'); } catch { /* as above */ }
  },
  button() {
    return el('button', { class: 'quiet', id: 'theme', title: 'Light or dark (d)', text: '◐', 'aria-label': 'Light or dark', on: { click: () => this.toggle() } });
  },
};
Theme.start();

/** Whether a key press belongs to a field or a shortcut of the browser. */
function typing(event) {
  return event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
}

/** Paint every place of `query` within the elements, without touching them. */
function paintFound(elements, query) {
  if (!window.CSS || !CSS.highlights) return;
  CSS.highlights.delete('found');
  if (query.length < 2) return;
  const ranges = [];
  for (const root of elements) {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node && ranges.length < 2000; node = walker.nextNode()) {
      const text = node.data.toLowerCase();
      if (text.length !== node.data.length) continue;
      for (let at = text.indexOf(query); at >= 0; at = text.indexOf(query, at + query.length)) {
        const range = new Range();
        range.setStart(node, at);
        range.setEnd(node, at + query.length);
        ranges.push(range);
      }
    }
  }
  CSS.highlights.set('found', new Highlight(...ranges));
}
