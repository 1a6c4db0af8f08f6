// The pages, with a box for every node and figure on them.
'use strict';

const Pages = {
  spots: new Map(), // "n3" or "f7" to its box
  leaves: new Map(), // page number to its element
  zoom: 1,

  start(act) {
    this.act = act; // called with "n3" or "f7" when its box is clicked
    this.tip = el('div', { class: 'tip', role: 'tooltip', hidden: true });
    const tool = (text, label, factor) => el('button', { class: 'quiet', text, title: label, 'aria-label': label, on: { click: () => this.scaled(factor) } });
    this.at = el('section', { class: 'pages', 'aria-label': 'Pages' },
      el('div', { class: 'zoom' }, tool('−', 'Smaller pages', 1 / 1.25), tool('+', 'Larger pages', 1.25), tool('fit', 'Fit the width', 0)),
      DATA.pages.map((page) => this.page(page)));
    this.at.addEventListener('wheel', (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      this.scaled(Math.exp(-event.deltaY / 300));
    }, { passive: false });
    DATA.nodes.forEach((node, k) => { if (node.figure === null) this.spot(`n${k}`, node.page, node.box, 'text', node.type); });
    const big = (f) => f.box ? (f.box[2] - f.box[0]) * (f.box[3] - f.box[1]) : 0;
    const order = DATA.figures.map((f, k) => [f, k]).sort((a, b) => big(b[0]) - big(a[0])); // small ones on top
    for (const [f, k] of order) this.figure(f, k);
    document.body.append(this.tip);
    return this.at;
  },

  page(page) {
    const image = page.src ? el('img', { src: page.src, loading: 'lazy', decoding: 'async', alt: `Page ${page.number}` }) : null;
    const leaf = el('div', { class: page.src ? 'leaf' : 'leaf outline', vars: { 'aspect-ratio': `${page.width} / ${page.height}` } }, image);
    this.leaves.set(page.number, { leaf, page });
    return el('figure', { class: 'page' }, leaf, el('figcaption', { text: String(page.number) }));
  },

  figure(f, k) {
    const name = `f${k}`;
    const made = this.spot(name, f.page, f.box, `figure${f.kept ? '' : ' away'}${f.review ? ' review' : ''}`, f.label || f.kind);
    if (!made) return;
    made.style.setProperty('--tint', tint(f.route));
    const told = () => this.tell(made, [`${f.label || 'Figure'} · ${f.kind}${f.score === null ? '' : ` ${f.score.toFixed(2)}`}`,
      f.kept ? `goes to: ${f.route}` : `left out as ${f.route}`, f.reason, f.review ? 'needs review' : '']);
    made.addEventListener('pointerenter', told);
    made.addEventListener('focus', told);
    for (const end of ['pointerleave', 'blur']) made.addEventListener(end, () => { this.tip.hidden = true; });
  },

  spot(name, number, box, kind, label) {
    const held = this.leaves.get(number);
    if (!held || !box) return null;
    const { page, leaf } = held;
    const made = el('button', { class: `spot ${kind}`, type: 'button', tabindex: kind === 'text' ? '-1' : null, 'aria-label': `${label}, page ${number}`, 'data-spot': name });
    const [x0, y0, x1, y1] = box;
    Object.assign(made.style, {
      left: `${(100 * x0) / page.width}%`, top: `${(100 * y0) / page.height}%`,
      width: `${(100 * Math.max(0, x1 - x0)) / page.width}%`, height: `${(100 * Math.max(0, y1 - y0)) / page.height}%`,
    });
    made.addEventListener('click', () => this.act(name));
    leaf.append(made);
    this.spots.set(name, made);
    return made;
  },

  tell(by, lines) {
    const [first, ...rest] = lines.filter(Boolean);
    this.tip.replaceChildren(el('b', { text: first }), ...rest.map((text) => el('span', { text })));
    this.tip.hidden = false;
    const at = by.getBoundingClientRect();
    const { width, height } = this.tip.getBoundingClientRect();
    const above = at.top - height - 8 > 8 ? at.top - height - 8 : Math.min(at.bottom + 8, innerHeight - height - 8);
    this.tip.style.left = `${Math.max(8, Math.min(at.left, innerWidth - width - 8))}px`;
    this.tip.style.top = `${above}px`;
  },

  /** Make a box stand out, and bring it into sight unless `still`. */
  mark(name, still) {
    for (const on of this.at.querySelectorAll('.spot.on')) on.classList.remove('on');
    const made = this.spots.get(name);
    if (!made) return;
    made.classList.add('on');
    if (!still) this.reveal(made);
  },

  reveal(made) {
    const a = made.getBoundingClientRect();
    const b = this.at.getBoundingClientRect();
    if (a.top >= b.top + 8 && a.bottom <= b.bottom - 8) return;
    const room = Math.max(24, (b.height - a.height) / 2);
    this.at.scrollTop += a.top - b.top - room;
  },

  /** Boxes of figures that a filter hides grow faint. */
  dim(hidden) {
    for (const [name, made] of this.spots) if (name[0] === 'f') made.classList.toggle('dim', hidden.has(Number(name.slice(1))));
  },

  toPage(number) {
    const held = this.leaves.get(number);
    if (held) this.reveal(held.leaf);
  },

  scaled(factor) {
    this.zoom = factor ? Math.max(0.3, Math.min(6, this.zoom * factor)) : 1;
    const middle = (this.at.scrollTop + this.at.clientHeight / 2) / this.at.scrollHeight;
    this.at.style.setProperty('--zoom', this.zoom);
    this.at.scrollTop = middle * this.at.scrollHeight - this.at.clientHeight / 2;
  },
};
