// One figure: the crop beside our reading, the caption with its support, scores, mentions.
'use strict';

const SUPPORT = { graph: 'by the graph', words: 'by words in the figure', printed: 'by the printed text', critic: 'by a second reader', '': 'without support' };
const LONG = 1100; // characters of a caption that is folded at first
const UNSURE = 0.5; // a kind with a lower score is told as unsure

const Cards = {
  make(f, k, goto) {
    const card = el('article', { class: 'card' }, this.head(f, goto));
    const over = f.crop ? svg('svg', { class: 'over', viewBox: `0 0 ${f.crop.size[0]} ${f.crop.size[1]}`, preserveAspectRatio: 'none' }) : null;
    const halves = [this.original(f, over), this.reading(f)].filter(Boolean);
    card.append(el('div', { class: halves.length > 1 ? 'two' : 'two one' }, halves));
    const says = this.says(f, over);
    if (says) card.append(...says);
    card.append(...[this.scores(f), this.mentions(f, goto), this.extra(f, k)].filter(Boolean));
    return card;
  },

  head(f, goto) {
    const section = f.section.split('\n').pop();
    const title = el('h2', f.printed.length > 120 ? { class: 'long', title: f.printed } : {}, f.label ? `${f.label}  ` : '', el('small', { text: f.printed || (f.label ? '' : section ? `Unlabelled, in “${section}”` : 'Unlabelled') }));
    return el('div', { class: 'head' }, title,
      f.suspicious.length ? el('span', { class: 'pill review', title: f.suspicious.join('\n'), text: 'words like instructions' }) : null,
      f.review ? el('span', { class: 'pill review', text: 'needs review' }) : null,
      el('span', { class: 'pill', title: f.score === null ? f.reason : `${f.reason} (${f.score})`,
        text: (f.route === f.kind ? f.kind : `${f.kind} · ${f.route}`) + (f.score !== null && f.score < UNSURE ? ' · unsure' : '') }),
      f.href ? el('a', { class: 'pagelink', href: f.href, text: 'review' }) : null,
      el('button', { class: 'pagelink', text: `page ${f.page}`, on: { click: () => goto.page(f.page) } }));
  },

  original(f, over) {
    if (!f.crop) return el('div', { class: 'half' }, el('header', {}, el('span', { text: 'as printed' })), el('div', { class: 'plate nothing', text: 'The crop is not there.' }));
    const [w, h] = f.crop.pixels;
    const image = () => el('img', { src: f.crop.src, loading: 'lazy', decoding: 'async', alt: f.label || 'Figure', width: w, height: h });
    const picture = el('div', { class: 'picture', vars: { '--wide': w, '--ratio': w / h }, on: { click: () => this.larger(f, over, image) } }, image(), over);
    const tools = [];
    if (f.graph && f.graph.placed) {
      tools.push(el('button', { class: 'overlay', text: 'show what was read', 'aria-pressed': 'false', title: 'Nodes and lines as read, over the picture (o)',
        on: { click: (event) => this.overlay(f, over, event.currentTarget) } }));
    }
    tools.push(el('button', { class: 'larger', text: '⤢ larger', title: 'Larger (z)', on: { click: () => this.larger(f, over, image) } }));
    return el('div', { class: 'half' }, el('header', {}, el('span', { text: f.rotation ? `as printed, turned by ${f.rotation}°` : 'as printed' }), tools), el('div', { class: 'plate' }, picture));
  },

  larger(f, over, image) {
    const [w, h] = f.crop.pixels;
    Viewer.show([f.label, f.printed].filter(Boolean).join('  ') || `Figure on page ${f.page}`, el('div', { class: 'picture' }, image(), over.cloneNode(true)), w, h);
  },

  overlay(f, over, button) {
    const on = button.getAttribute('aria-pressed') !== 'true';
    button.setAttribute('aria-pressed', String(on));
    over.querySelector('.read')?.remove();
    if (!on) return;
    const layer = svg('g', { class: 'read' });
    for (const g of f.graph.groups) if (g.box) layer.append(rect(g.box, 'group', g.label));
    for (const n of f.graph.nodes) if (n.box) layer.append(rect(n.box, 'part', n.label));
    for (const e of f.graph.edges) layer.append(...line(e));
    over.prepend(layer);
  },

  /** Mark one node or line of the graph, over what was read: where a citation points at. */
  cite(f, at, part, index) {
    const over = at.querySelector('.over');
    if (!over || !f.graph || !f.graph.placed) return;
    const button = at.querySelector('.overlay');
    if (button.getAttribute('aria-pressed') !== 'true') button.click();
    over.querySelector('.cited')?.remove();
    const layer = svg('g', { class: 'cited' });
    const found = (items) => items.find((item) => item.at.includes(index));
    if (part === 'edge') {
      const edge = found(f.graph.edges);
      if (edge) layer.append(...line(edge));
    } else {
      const node = found([...f.graph.nodes, ...f.graph.groups]);
      if (node && node.box) layer.append(rect(node.box, 'part', node.label));
    }
    over.append(layer);
  },

  chart(f) {
    const [series, values] = f.chart.counts;
    const plate = f.chart.image ? el('div', { class: 'plate' }, el('img', { src: f.chart.image, alt: 'The chart as read', loading: 'lazy' }))
      : el('div', { class: 'plate nothing', text: 'No values were read.' });
    return el('div', { class: 'half' }, el('header', {}, el('span', { text: `as read: ${f.chart.type}, ${series} series, ${values} values` })), plate);
  },

  reading(f) {
    if (f.chart) return this.chart(f);
    if (!f.graph) return null;
    const [nodes, edges, groups] = f.graph.counts;
    const counts = [many(nodes, 'node'), f.graph.kind === 'sequence' ? many(edges, 'message') : many(edges, 'line'), groups ? many(groups, 'group') : ''].filter(Boolean).join(', ');
    const plate = f.mermaid ? Redraw.plate(f.mermaid)
      : el('div', { class: 'plate nothing', text: f.mermaid_long ? 'This graph is too large to draw again.' : 'No graph was found in it.' });
    const open = () => {
      const drawn = plate.querySelector('svg');
      if (!drawn) return;
      const copy = drawn.cloneNode(true);
      const box = drawn.viewBox.baseVal;
      const [w, h] = box && box.width ? [box.width, box.height] : [drawn.clientWidth, drawn.clientHeight];
      copy.removeAttribute('style');
      copy.setAttribute('width', w);
      copy.setAttribute('height', h);
      Viewer.show(`${f.label || 'Figure'}, as read`, copy, w, h);
    };
    plate.addEventListener('click', open);
    return el('div', { class: 'half' }, el('header', {}, el('span', { text: `as read: ${f.graph.kind === f.kind ? '' : `${f.graph.kind}, `}${counts}` }), f.mermaid ? el('button', { text: '⤢ larger', on: { click: open } }) : null), plate);
  },

  says(f, over) {
    const length = f.caption.reduce((n, p) => n + p.text.length, 0);
    if (!length) return [el('p', { class: 'nothing', text: 'Not described.' })];
    let pinned = null;
    const show = (k) => mark(f, over, k === null ? pinned : k);
    const parts = f.caption.map(({ text, statement }) => {
      if (statement === null) return document.createTextNode(text);
      const support = f.statements[statement].support;
      const lead = text.match(/^\s*/)[0];
      const span = el('span', { class: `st ${support || 'none'}`, text: text.slice(lead.length), tabindex: '0', title: support ? `Supported ${SUPPORT[support] || support}` : 'Nothing in the figure or around it supports this', 'data-statement': statement });
      const pin = () => {
        const own = pinned === statement;
        for (const other of body.querySelectorAll('.pinned')) other.classList.remove('pinned');
        pinned = own ? null : statement;
        span.classList.toggle('pinned', !own);
        show(null);
      };
      span.addEventListener('pointerenter', () => show(statement));
      span.addEventListener('pointerleave', () => show(null));
      span.addEventListener('focus', () => show(statement));
      span.addEventListener('blur', () => show(null));
      span.addEventListener('click', pin);
      span.addEventListener('keydown', (event) => { if (event.key === 'Enter') pin(); });
      return lead ? [document.createTextNode(lead), span] : span;
    });
    const body = el('div', { class: length > LONG ? 'says long' : 'says' }, parts);
    if (length <= LONG) return [body];
    const more = el('button', { class: 'more', text: 'show all', on: { click: () => { more.textContent = body.classList.toggle('all') ? 'show less' : 'show all'; } } });
    return [body, more];
  },

  scores(f) {
    if (f.precision === null) return null;
    const counts = counted(f.statements, (s) => s.support).map(([support, n]) => el('span', {}, el('span', { class: `st ${support || 'none'}`, text: String(n) }), SUPPORT[support] || support));
    return el('div', { class: 'scores' },
      el('span', {}, 'supported ', meter(f.precision, 0.8), ' ', el('b', { text: percent(f.precision) })),
      el('span', { title: "Share of the figure's words that stand in the caption or the graph" }, 'words covered ', meter(f.recall, 0.6), ' ', el('b', { text: percent(f.recall) })),
      counts);
  },

  mentions(f, goto) {
    const lines = f.mentions.map((m) => el('p', {}, `“${m.sentence}” `, el('button', { text: `page ${m.page}`, on: { click: () => goto.page(m.page) } })));
    if (f.same) lines.unshift(el('p', {}, 'Shows the same as ', el('button', { text: f.same, on: { click: () => goto.figure(f.same_index) } })));
    return lines.length ? el('div', { class: 'mentions' }, lines) : null;
  },

  extra(f, k) {
    const fold = (title, ...inside) => el('details', {}, el('summary', { text: title }), inside);
    const parts = [];
    const own = DATA.nodes.filter((n) => n.figure === k);
    if (own.length) parts.push(fold('What the retriever gets', own.flatMap((n) => [el('pre', { class: 'retrieved', text: n.text }), metadata(n)])));
    if (f.mermaid) parts.push(fold('Mermaid', el('pre', { text: f.mermaid })));
    if (f.words.length) parts.push(fold(many(f.words.length, 'word'), el('pre', { text: f.words.join(' ') })));
    const changes = f.changes.map((c) => `${c.reason}: ${[c.before, c.after].map((side) => side || '(nothing)').join('  →  ')}`);
    if (changes.length) parts.push(fold(many(changes.length, 'correction'), el('pre', { text: changes.join('\n') })));
    if (f.conflicts.length) parts.push(fold(many(f.conflicts.length, 'disagreement'), el('pre', { text: f.conflicts.join('\n') })));
    const odd = f.chart ? f.chart.unread.map((t) => `not read: ${t}`) : f.graph ? [...f.graph.unread.map((t) => `not read: ${t}`), ...f.graph.notes.map((t) => `note: ${t}`)] : [];
    if (odd.length + f.footnotes.length) parts.push(fold('Notes', el('pre', { text: [...odd, ...f.footnotes].join('\n') })));
    parts.push(fold('Route', el('pre', { text: `${f.route}: ${f.reason}\nkind: ${f.kind}${f.score === null ? '' : `, ${f.score}`}\nengine: ${f.engine || 'none'}\nid: ${f.id}` })));
    return el('div', { class: 'extra' }, parts);
  },

  /** A figure that was routed away: one line. */
  away(f, goto) {
    const thumb = f.crop ? el('img', { class: 'thumb', src: f.crop.src, loading: 'lazy', alt: '', on: { click: () => this.larger(f, svg('svg', { class: 'over' }), () => el('img', { src: f.crop.src, alt: '' })) } }) : null;
    const same = f.same ? [' ', el('button', { class: 'pagelink', text: `same as ${f.same}`, on: { click: () => goto.figure(f.same_index) } })] : '';
    return el('div', { class: 'away' }, el('div', { class: 'why' }, thumb, el('span', {}, el('b', { text: f.route }), ` ${[f.label, f.printed].filter(Boolean).join(' ')} `, el('span', { class: 'count', text: f.reason }), same)));
  },
};

function rect([x0, y0, x1, y1], kind, label) {
  return svg('rect', { class: kind, x: x0, y: y0, width: Math.max(0, x1 - x0), height: Math.max(0, y1 - y0), rx: 1 }, label ? svg('title', {}, document.createTextNode(label)) : '');
}

function line(e) {
  if (e.path.length < 4) return [];
  const points = [];
  for (let i = 0; i < e.path.length; i += 2) points.push(`${e.path[i]},${e.path[i + 1]}`);
  const made = [svg('polyline', { class: e.dashed ? 'line dashed' : 'line', points: points.join(' ') })];
  const ends = [[e.ends[0], [...e.path.slice(2, 4), ...e.path.slice(0, 2)]], [e.ends[1], e.path.slice(-4)]];
  for (const [end, at] of ends) {
    if (end === 'arrow') made.push(head(at));
    else if (end !== 'none') made.push(svg('circle', { class: 'end', cx: at[2], cy: at[3], r: 2.5 }, svg('title', {}, document.createTextNode(end))));
  }
  return made;
}

function head([ax, ay, bx, by]) {
  const length = Math.hypot(bx - ax, by - ay) || 1;
  const [ux, uy] = [(bx - ax) / length, (by - ay) / length];
  const [px, py] = [bx - 6 * ux, by - 6 * uy];
  return svg('polygon', { class: 'tail', points: `${bx},${by} ${px - 3 * uy},${py + 3 * ux} ${px + 3 * uy},${py - 3 * ux}` });
}

/** Over the crop: the words, nodes and lines that a statement rests on. */
function mark(f, over, statement) {
  if (!over) return;
  over.querySelector('.support')?.remove();
  if (statement === null) return;
  const { boxes, nodes, edges } = f.statements[statement];
  const layer = svg('g', { class: 'support' });
  if (f.graph && f.graph.placed) {
    for (const k of edges) if (f.graph.edges[k]) layer.append(...line(f.graph.edges[k]).slice(0, 1));
    for (const k of nodes) if (f.graph.nodes[k]?.box) layer.append(rect(f.graph.nodes[k].box, 'part'));
  }
  for (const box of boxes) layer.append(rect(box, 'word'));
  over.append(layer);
}

function metadata(node) {
  const rows = Object.entries(node.metadata).flatMap(([key, value]) => [el('dt', { text: key }), el('dd', { text: String(value) })]);
  return el('dl', { class: 'pairs' }, rows);
}
