'use strict';
// A graph as a picture: layers from top to bottom, or lifelines. Text goes in as text; nothing is loaded.
const Draw = (() => {
  let drawn = 0; // every picture has an arrowhead of its own: one in a hidden picture is not drawn
  const NS = 'http://www.w3.org/2000/svg';
  const W = 150, H = 44, GAP = 26, RISE = 58, MOST = 400, WIDE = 7;
  const make = (name, given = {}, text) => {
    const part = document.createElementNS(NS, name);
    for (const [k, v] of Object.entries(given)) part.setAttribute(k, v);
    if (text !== undefined) part.textContent = text;
    return part;
  };
  const cut = (t, most) => (t.length > most ? `${t.slice(0, most - 1)}…` : t);
  function words(x, y, label, most = 22) {
    const lines = [];
    for (const word of label.split(/\s+/)) {
      if (lines.length && `${lines.at(-1)} ${word}`.length <= most) lines[lines.length - 1] += ` ${word}`;
      else lines.push(cut(word, most));
    }
    const shown = lines.slice(0, 3);
    const t = make('text', { x, y: y - (shown.length - 1) * 6.5 + 4, 'text-anchor': 'middle' });
    shown.forEach((l, i) => t.append(make('tspan', { x, dy: i ? 13 : 0 }, i === 2 && lines.length > 3 ? `${l}…` : l)));
    return t;
  }
  function canvas(width, height) {
    const svg = make('svg', { viewBox: `0 0 ${width} ${height}`, width, height, role: 'img', 'aria-label': 'The graph as it stands' });
    drawn += 1;
    const defs = make('defs');
    const head = make('marker', { id: `arrowhead-${drawn}`, viewBox: '0 0 8 8', refX: 8, refY: 4, markerWidth: 8, markerHeight: 8, orient: 'auto-start-reverse' });
    head.append(make('path', { d: 'M0 0 8 4 0 8z' }));
    defs.append(head);
    svg.append(defs);
    return svg;
  }
  function stroke(e, d) {
    const path = make('path', { d, class: `line ${e.style}` });
    if (e.directed) path.setAttribute('marker-end', `url(#arrowhead-${drawn})`);
    if (e.directed && e.source_end === 'arrow') path.setAttribute('marker-start', `url(#arrowhead-${drawn})`);
    return path;
  }

  function layers(ids, edges) {
    const out = new Map(ids.map(i => [i, []]));
    for (const e of edges) if (e.source !== e.target) out.get(e.source)?.push(e.target);
    const state = new Map(), back = new Set(), order = [];
    for (const root of ids) { // depth first, without recursion: chains may be long
      const stack = [[root, 0]];
      while (stack.length) {
        const top = stack.at(-1), [id] = top;
        if (!top[1]) { if (state.get(id)) { stack.pop(); continue; } state.set(id, 1); }
        const next = out.get(id)[top[1]];
        top[1] += 1;
        if (next === undefined) { state.set(id, 2); order.push(id); stack.pop(); } else if (!out.has(next)) continue;
        else if (state.get(next) === 1) back.add(`${id}\u0000${next}`);
        else if (!state.get(next)) stack.push([next, 0]);
      }
    }
    const rank = new Map(ids.map(i => [i, 0]));
    for (const id of order.reverse()) for (const to of out.get(id)) if (out.has(to) && !back.has(`${id}\u0000${to}`)) rank.set(to, Math.max(rank.get(to), rank.get(id) + 1));
    const rows = [];
    for (const id of ids) (rows[rank.get(id)] ||= []).push(id);
    const place = new Map();
    const settle = row => row.forEach((id, i) => place.set(id, i - (row.length - 1) / 2));
    rows.forEach(settle);
    for (let round = 0; round < 4; round += 1) {
      for (const row of rows) {
        const near = id => {
          const at = edges.flatMap(e => (e.source === id ? [place.get(e.target)] : e.target === id ? [place.get(e.source)] : [])).filter(v => v !== undefined);
          return at.length ? at.reduce((a, b) => a + b) / at.length : place.get(id);
        };
        const want = new Map(row.map(id => [id, near(id)]));
        row.sort((a, b) => want.get(a) - want.get(b));
        settle(row);
      }
    }
    return rows.flatMap(row => Array.from({ length: Math.ceil(row.length / WIDE) }, (_, i) => row.slice(i * WIDE, (i + 1) * WIDE)));
  }

  function flow(g) {
    const groups = new Map(g.groups.map(f => [f.id, f]));
    const ends = new Set(g.edges.flatMap(e => [e.source, e.target]));
    const boxes = [...g.nodes, ...g.groups.filter(f => ends.has(f.id)).map(f => ({ id: f.id, label: f.label, shape: 'group' }))];
    const rows = layers(boxes.map(b => b.id), g.edges).filter(Boolean);
    const width = Math.max(1, ...rows.map(r => r.length)) * (W + GAP) + GAP + 60, height = rows.length * (H + RISE) + 20;
    const svg = canvas(width, height), at = new Map();
    rows.forEach((row, r) => row.forEach((id, i) => at.set(id, [width / 2 - 30 + (i - (row.length - 1) / 2) * (W + GAP), 30 + r * (H + RISE) + H / 2 - 10])));
    g.edges.forEach((e, i) => {
      const [a, b] = [at.get(e.source), at.get(e.target)];
      if (!a || !b) return;
      let d, middle;
      if (e.source === e.target) { d = `M${a[0] + W / 2} ${a[1] - 8}h20v16h-20`; middle = [a[0] + W / 2 + 26, a[1]]; } else if (b[1] > a[1]) {
        d = `M${a[0]} ${a[1] + H / 2}C${a[0]} ${a[1] + H / 2 + RISE / 2} ${b[0]} ${b[1] - H / 2 - RISE / 2} ${b[0]} ${b[1] - H / 2}`;
        middle = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
      } else {
        const x = Math.max(a[0], b[0]) + W / 2 + 18 + 6 * (i % 4);
        d = `M${a[0] + W / 2} ${a[1]}C${x} ${a[1]} ${x} ${b[1]} ${b[0] + W / 2} ${b[1]}`;
        middle = [x - 8, (a[1] + b[1]) / 2];
      }
      svg.append(stroke(e, d));
      if (e.label) svg.append(make('text', { x: middle[0], y: middle[1] + 4, 'text-anchor': 'middle', class: 'label' }, cut(e.label, 26)));
    });
    for (const b of boxes) {
      const [x, y] = at.get(b.id);
      if (b.shape === 'diamond') svg.append(make('path', { class: 'box', d: `M${x} ${y - H / 2 - 6}L${x + W / 2} ${y}L${x} ${y + H / 2 + 6}L${x - W / 2} ${y}Z` }));
      else svg.append(make('rect', { class: `box ${b.shape === 'group' ? 'group' : ''}`, x: x - W / 2, y: y - H / 2, width: W, height: H, rx: { rounded: 8, stadium: 22, circle: 22 }[b.shape] || 0 }));
      svg.append(words(x, y, b.label));
      const frame = groups.get(b.group);
      if (frame) svg.append(make('text', { x: x - W / 2, y: y - H / 2 - 4, class: 'in' }, `in ${cut(frame.label || 'a frame', 24)}`));
    }
    return svg;
  }

  function sequence(g) {
    const step = 34, left = 90, wide = 180;
    const width = Math.max(1, g.nodes.length) * wide + 40, height = 70 + g.edges.length * step;
    const svg = canvas(width, height), x = new Map(g.nodes.map((n, i) => [n.id, left + i * wide]));
    for (const n of g.nodes) {
      svg.append(make('path', { d: `M${x.get(n.id)} 40V${height}`, class: 'life' }), make('rect', { class: 'box', x: x.get(n.id) - 75, y: 4, width: 150, height: 36 }), words(x.get(n.id), 22, n.label));
    }
    for (const f of g.groups.filter(s => s.edges?.length)) {
      const top = 52 + Math.min(...f.edges) * step, bottom = 52 + (Math.max(...f.edges) + 1) * step;
      svg.append(make('rect', { class: 'frame', x: 8, y: top, width: width - 16, height: bottom - top - 4 }), make('text', { x: 12, y: top + 11, class: 'in' }, cut(`${f.kind} ${f.label}`, 60)));
    }
    g.edges.forEach((e, i) => {
      const [a, b, y] = [x.get(e.source), x.get(e.target), 78 + i * step];
      if (a === undefined || b === undefined) return;
      svg.append(stroke(e, a === b ? `M${a} ${y - 8}h26v12h-26` : `M${a} ${y}H${b}`));
      svg.append(make('text', { x: a === b ? a + 34 : (a + b) / 2, y: y - 4, 'text-anchor': a === b ? 'start' : 'middle', class: 'label' }, cut(e.label, 60)));
    });
    return svg;
  }

  return { of: g => (g.nodes.length > MOST ? make('svg') : Graph.isSequence(g) ? sequence(g) : flow(g)) };
})();
