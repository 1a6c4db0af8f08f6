// The nodes in reading order, figures among them, with filters and search.
'use strict';

const Stream = {
  items: [], // {name, at, figure: index or null, page, text}
  chosen: { view: 'all', review: false, route: '', kind: '', query: '' },
  active: null,

  start(goto, changed) {
    this.goto = goto;
    this.changed = changed;
    this.at = el('main', { class: 'stream', tabindex: '-1' });
    Redraw.start(this.at);
    this.empty = el('p', { class: 'empty', text: 'Nothing here matches.', hidden: true });
    this.at.append(this.notes(), ...this.build(), this.empty);
    this.follow();
    return this.at;
  },

  notes() {
    const box = el('div', { class: 'notes' }, DATA.notes.map((text) => el('p', { class: 'note', text })));
    if (DATA.warnings.length) {
      box.append(el('details', { class: 'note' }, el('summary', { text: many(DATA.warnings.length, 'warning') }),
        el('ul', {}, DATA.warnings.map((w) => el('li', { text: w.page ? `page ${w.page}: ${w.message}` : w.message })))));
    }
    return box;
  },

  /** Nodes in their order; figures without a node of their own after the last node of their page. */
  build() {
    const own = new Set(DATA.nodes.map((n) => n.figure).filter((k) => k !== null));
    const rest = DATA.figures.map((f, k) => k).filter((k) => !own.has(k));
    let page = 0;
    DATA.nodes.forEach((node, k) => {
      while (rest.length && node.page > DATA.figures[rest[0]].page) this.figure(rest.shift());
      if (node.figure === null) this.text(node, k, node.page !== page);
      else if (!this.items.some((i) => i.figure === node.figure)) this.figure(node.figure);
      page = node.page;
    });
    rest.forEach((k) => this.figure(k));
    return this.items.map((i) => i.at);
  },

  text(node, k) {
    const name = `n${k}`;
    const details = el('details', { class: 'meta' }, el('summary', { text: 'metadata' }));
    details.addEventListener('toggle', () => { if (details.open && details.children.length === 1) details.append(metadata(node)); });
    const at = el('section', { class: 'node text', 'data-type': node.type, 'data-name': name },
      el('div', { class: 'gutter' }, el('button', { text: `p. ${node.page}`, title: 'Show its place', on: { click: () => this.goto.item(name) } }), el('div', { text: node.type === 'text' ? '' : node.type })),
      el('div', { class: node.type === 'table' ? 'body clip' : 'body' }, node.type === 'text' ? this.paragraphs(node) : node.text), details);
    this.add({ name, at, figure: null, page: node.page, text: folded(node.text) });
  },

  /** The text as it is; a first line that is the section's heading in bold. */
  paragraphs(node) {
    const parts = node.text.split(/\n\n+/).map((text) => el('p', { text }));
    const heading = node.section && node.text.startsWith(node.section) && (parts[0].textContent.length === node.section.length);
    if (heading) parts[0].className = 'lead';
    return parts;
  },

  figure(k) {
    const f = DATA.figures[k];
    const name = `f${k}`;
    const inside = f.kept ? Cards.make(f, k, this.goto) : Cards.away(f, this.goto);
    const gutter = f.kept ? null : el('div', { class: 'gutter' }, el('button', { text: `p. ${f.page}`, on: { click: () => this.goto.item(name) } }), el('div', { text: 'left out' }));
    const at = el('section', { class: f.kept ? 'node figure' : 'node away', 'data-name': name, vars: { '--tint': tint(f.route) } }, gutter, inside);
    const said = f.caption.map((p) => p.text).join('');
    this.add({ name, at, figure: k, page: f.page, text: folded([f.label, f.printed, said, f.words.join(' '), f.reason].join(' ')) });
  },

  add(item) {
    item.at.addEventListener('pointerenter', () => { if (!this.active) Pages.mark(item.name, true); });
    this.items.push(item);
  },

  /** Show what the filters leave; tells how many figures that are. */
  apply() {
    const { view, review, route, kind, query } = this.chosen;
    const wanted = folded(query.trim());
    const figures = view === 'figures' || review || route || kind;
    const hidden = new Set();
    let shown = 0;
    let any = false;
    for (const item of this.items) {
      const f = item.figure === null ? null : DATA.figures[item.figure];
      const fits = f ? (!review || f.review) && (!route || f.route === route) && (!kind || f.kind === kind) && (view === 'all' || f.kept || route || kind) : !figures;
      item.at.hidden = !fits || (wanted !== '' && !item.text.includes(wanted));
      if (f && item.at.hidden) hidden.add(item.figure);
      shown += f !== null && !item.at.hidden;
      any = any || !item.at.hidden;
    }
    this.empty.hidden = any;
    Pages.dim(hidden);
    clearTimeout(this.painting);
    this.painting = setTimeout(() => paintFound(this.items.filter((i) => !i.at.hidden).map((i) => i.at), wanted), 80);
    this.changed(shown);
  },

  /** The next (1) or previous (-1) figure that is shown. */
  step(by) {
    const shown = this.items.filter((i) => i.figure !== null && !i.at.hidden);
    if (!shown.length) return;
    let at = shown.findIndex((i) => i.name === this.active);
    if (at < 0) {
      const top = this.at.getBoundingClientRect().top;
      at = shown.findIndex((i) => i.at.getBoundingClientRect().bottom > top + 40);
      at = at < 0 ? shown.length - 1 : by > 0 ? at - 1 : at;
    }
    this.select(shown[Math.max(0, Math.min(shown.length - 1, at + by))].name);
  },

  select(name, still) {
    const item = this.items.find((i) => i.name === name);
    if (!item) return;
    for (const on of this.at.querySelectorAll('.node.on')) on.classList.remove('on');
    this.active = name;
    item.at.classList.add('on');
    Pages.mark(name);
    if (!still) {
      item.at.hidden = false;
      item.at.scrollIntoView({ block: 'start' });
      requestAnimationFrame(() => item.at.scrollIntoView({ block: 'start' })); // after what came into sight took its size
    }
  },

  drop() {
    this.active = null;
    for (const on of this.at.querySelectorAll('.node.on')) on.classList.remove('on');
    Pages.mark('');
  },

  /** The pages follow what is read, unless something is chosen. */
  follow() {
    let timer = 0;
    let last = 0;
    this.at.addEventListener('scroll', () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        const top = this.at.getBoundingClientRect().top + 60;
        const item = this.items.find((i) => !i.at.hidden && i.at.getBoundingClientRect().bottom > top);
        if (!item || item.page === last || this.active) return;
        last = item.page;
        Pages.toPage(item.page);
      }, 120);
    }, { passive: true });
    this.at.addEventListener('wheel', () => { if (this.active) this.drop(); }, { passive: true });
  },
};
