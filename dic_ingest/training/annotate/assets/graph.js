'use strict';
// A graph as the page edits it, written as Mermaid and read back: flowchart syntax for all kinds but sequences.
const Graph = (() => {
  const SHAPES = { rect: ['[', ']'], rounded: ['(', ')'], stadium: ['([', '])'], diamond: ['{', '}'], circle: ['((', '))'], cylinder: ['[(', ')]'], hexagon: ['{{', '}}'] };
  const OPEN = Object.entries(SHAPES).sort((a, b) => b[1][0].length - a[1][0].length);
  const FRAMES = ['loop', 'alt', 'opt', 'par', 'critical', 'break'];
  const quoted = t => `"${String(t).replace(/"/g, '#quot;').replace(/\n/g, '<br/>')}"`;
  const plain = t => t.trim().replace(/^"(.*)"$/s, '$1').replace(/#quot;/g, '"').replace(/<br\s*\/?>/g, '\n');
  const copy = g => JSON.parse(JSON.stringify(g));
  const isSequence = g => g.kind === 'sequence';

  const newEdge = (source, target, label = '') => ({ source, target, label, directed: true, style: 'solid', source_end: 'none', target_end: 'arrow', source_label: '', target_label: '' });
  const newNode = (id, label) => ({ id, label, shape: 'rect', members: [], group: null });
  function freshId(g) {
    const known = new Set([...g.nodes, ...g.groups].map(p => p.id));
    let n = g.nodes.length + 1;
    while (known.has(`n${n}`)) n += 1;
    return `n${n}`;
  }

  // Ids in a document may hold anything; in the text they are letters, digits and underscores.
  function names(g) {
    const found = new Map(), taken = new Set();
    for (const p of [...g.nodes, ...g.groups]) {
      let id = p.id.replace(/\W/g, '_').replace(/^(end|subgraph|graph|loop|alt|opt|par)$/i, 'x_$1') || 'n';
      while (taken.has(id)) id += '_';
      taken.add(id);
      found.set(p.id, id);
    }
    return found;
  }

  function arrow(e) {
    const line = e.style === 'dashed' ? '-.-' : e.style === 'thick' ? '===' : '---';
    if (!e.directed) return line;
    const head = e.style === 'dashed' ? '-.->' : e.style === 'thick' ? '==>' : '-->';
    return e.source_end === 'arrow' ? `<${head}` : head;
  }

  function write(g) {
    const id = names(g);
    return isSequence(g) ? writeSequence(g, id) : writeFlow(g, id);
  }

  function writeFlow(g, id) {
    const lines = ['flowchart TD'];
    const inside = (parent, pad) => {
      for (const n of g.nodes.filter(x => (x.group ?? null) === parent)) {
        const [a, b] = SHAPES[n.shape] || SHAPES.rect;
        lines.push(`${pad}${id.get(n.id)}${a}${quoted(n.label)}${b}`);
      }
      for (const s of g.groups.filter(x => (x.parent ?? null) === parent && x.id !== parent)) {
        lines.push(`${pad}subgraph ${id.get(s.id)}[${quoted(s.label)}]`);
        inside(s.id, `${pad}  `);
        lines.push(`${pad}end`);
      }
    };
    inside(null, '  ');
    for (const e of g.edges) lines.push(`  ${id.get(e.source)} ${arrow(e)}${e.label ? `|${quoted(e.label)}|` : ''} ${id.get(e.target)}`);
    return lines.join('\n');
  }

  function writeSequence(g, id) {
    const lines = ['sequenceDiagram', ...g.nodes.map(n => `  participant ${id.get(n.id)} as ${n.label.replace(/\n/g, '<br/>')}`)];
    const frames = g.groups.filter(f => f.edges?.length).map(f => ({ f, from: Math.min(...f.edges), to: Math.max(...f.edges) }));
    g.edges.forEach((e, i) => {
      for (const x of frames.filter(y => y.from === i).sort((a, b) => b.to - a.to)) lines.push(`  ${FRAMES.includes(x.f.kind) ? x.f.kind : 'opt'} ${x.f.label}`);
      const line = e.directed ? (e.style === 'dashed' ? '-->>' : '->>') : (e.style === 'dashed' ? '-->' : '->');
      lines.push(`  ${id.get(e.source)}${line}${id.get(e.target)}: ${e.label.replace(/\n/g, '<br/>')}`);
      for (const x of frames) if (x.to === i) lines.push('  end');
    });
    return lines.join('\n');
  }

  // The graph that a text says; what the text cannot hold is taken over from the graph before. Throws an Error with the line.
  function read(text, before) {
    const lines = text.split('\n').map((t, i) => [i + 1, t.trim()]).filter(([, t]) => t && !t.startsWith('%%'));
    const head = lines.shift()?.[1] || '';
    const ids = new Map([...names(before)].map(([k, v]) => [v, k]));
    const g = { kind: before.kind, nodes: [], edges: [], groups: [] };
    if (/^sequenceDiagram\b/.test(head)) {
      if (!isSequence(before)) g.kind = 'sequence';
      readSequence(lines, g, ids);
    } else if (/^(flowchart|graph)\b/.test(head)) {
      if (isSequence(before)) g.kind = 'flowchart';
      readFlow(lines, g, ids);
    } else throw new Error('Line 1: begin with "flowchart TD" or "sequenceDiagram".');
    return merged(g, before);
  }

  function merged(g, before) {
    const nodes = new Map(before.nodes.map(n => [n.id, n]));
    g.nodes = g.nodes.map(n => {
      const was = nodes.get(n.id);
      if (!was) return n;
      const shape = n.shape === 'rect' && !SHAPES[was.shape] ? was.shape : n.shape;
      return { ...was, label: n.label, shape, group: n.group };
    });
    const place = new Map([...before.nodes, ...before.groups].map((p, i) => [p.id, i]));
    const asBefore = (a, b) => (place.get(a.id) ?? Infinity) - (place.get(b.id) ?? Infinity) || 0;
    if (!isSequence(g)) g.nodes.sort(asBefore); // participants stand in the order of the text
    const left = [...before.edges];
    const take = test => { const at = left.findIndex(test); return at < 0 ? null : left.splice(at, 1)[0]; };
    g.edges = g.edges.map(e => {
      const ends = w => w.source === e.source && w.target === e.target;
      const was = take(w => ends(w) && w.label === e.label) || take(ends);
      if (!was) return e;
      const turned = was.directed !== e.directed || (was.source_end === 'arrow') !== (e.source_end === 'arrow');
      return turned ? { ...was, ...e, source_label: was.source_label, target_label: was.target_label } : { ...was, label: e.label, style: e.style };
    });
    for (const f of g.groups.filter(x => x.id.startsWith('frame:'))) { // frames have no ids in the text
      const was = before.groups.find(x => x.kind === f.kind && x.label === f.label && !g.groups.some(y => y.id === x.id));
      if (was) Object.assign(f, { id: was.id, parent: was.parent });
    }
    const groups = new Map(before.groups.map(f => [f.id, f]));
    g.groups = g.groups.map(f => ({ ...(groups.get(f.id) || {}), ...f })).sort(asBefore);
    return g;
  }

  function readFlow(lines, g, ids) {
    const stack = [];
    const named = id => ids.get(id) || id;
    const node = (raw, number) => {
      const m = /^([\w.-]*\w)\s*(.*)$/s.exec(raw.trim());
      if (!m) throw new Error(`Line ${number}: no node in "${raw.trim()}".`);
      const id = named(m[1]), rest = m[2].replace(/:::\w+$/, '').trim();
      if (!rest && g.groups.some(f => f.id === id)) return id;
      let n = g.nodes.find(x => x.id === id);
      if (!n) { n = { ...newNode(id, m[1]), group: stack.at(-1) || null }; g.nodes.push(n); }
      if (rest) {
        const shape = OPEN.find(([, [a, b]]) => rest.startsWith(a) && rest.endsWith(b) && rest.length >= a.length + b.length);
        if (!shape) throw new Error(`Line ${number}: the shape of "${raw.trim()}" is not closed.`);
        n.shape = shape[0];
        n.label = plain(rest.slice(shape[1][0].length, rest.length - shape[1][1].length));
      }
      return id;
    };
    for (const [number, line] of lines) {
      if (/^(classDef|class|style|linkStyle|click|direction)\b/.test(line)) continue;
      if (/^end$/.test(line)) { if (!stack.pop()) throw new Error(`Line ${number}: "end" without a subgraph.`); continue; }
      const sub = /^subgraph\s+(?:([\w.-]+)\s*\[(.*)\]|(.+))$/.exec(line);
      if (sub) {
        const id = named(sub[1] || plain(sub[3]));
        g.groups.push({ id, label: plain(sub[2] ?? sub[3]), parent: stack.at(-1) || null, kind: 'group', edges: [] });
        stack.push(id);
        continue;
      }
      const strings = [];
      const held = line.replace(/;$/, '').replace(/"[^"]*"/g, t => `\u0001${strings.push(t) - 1}\u0001`);
      const back = t => t.replace(/\u0001(\d+)\u0001/g, (_, i) => strings[i]);
      const LINK = /\s*(<)?(-->|---|-\.->|-\.-|==>|===)(?:\|([^|]*)\|)?\s*|\s+(<)?(?:--|-\.|==)\s+([^-=.|>][^|>]*?)\s+(-->|---|\.->|\.-|==>|===)\s*/g;
      const parts = [], links = [];
      let from = 0;
      for (const m of held.matchAll(LINK)) {
        parts.push(held.slice(from, m.index));
        from = m.index + m[0].length;
        const sign = m[2] || m[7];
        links.push({ label: plain(back(m[3] ?? m[6] ?? '')), directed: sign.includes('>'), both: Boolean(m[1] || m[4]), style: sign.includes('.') ? 'dashed' : sign.includes('=') ? 'thick' : 'solid' });
      }
      parts.push(held.slice(from));
      const ends = parts.map(p => p.split(/\s+&\s+/).map(t => node(back(t), number)));
      links.forEach((l, i) => {
        for (const a of ends[i]) for (const b of ends[i + 1]) {
          g.edges.push({ ...newEdge(a, b, l.label), directed: l.directed, style: l.style, source_end: l.both ? 'arrow' : 'none', target_end: l.directed ? 'arrow' : 'none' });
        }
      });
    }
    if (stack.length) throw new Error('A subgraph is not closed by "end".');
  }

  function readSequence(lines, g, ids) {
    const open = [];
    const who = (raw, label) => {
      const id = ids.get(raw) || raw;
      let n = g.nodes.find(x => x.id === id);
      if (!n) { n = newNode(id, raw); g.nodes.push(n); }
      if (label !== undefined) n.label = plain(label);
      return id;
    };
    for (const [number, line] of lines) {
      if (/^(autonumber|activate|deactivate|Note|note|title|box|rect)\b/.test(line)) continue;
      const p = /^(?:create\s+)?(?:participant|actor)\s+(\S+)(?:\s+as\s+(.*))?$/.exec(line);
      if (p) { who(p[1], p[2]); continue; }
      const f = /^(loop|alt|opt|par|critical|break)\b\s*(.*)$/.exec(line);
      if (f) {
        const group = { id: `frame:${g.groups.length + 1}`, label: f[2], parent: null, kind: f[1], edges: [] };
        g.groups.push(group);
        open.push(group);
        continue;
      }
      if (line === 'end') { if (!open.pop()) throw new Error(`Line ${number}: "end" without a frame.`); continue; }
      const m = /^(\w+)\s*(<<)?(--?)(>>|>|x|\))?[+-]?\s*(\w+)\s*:\s*(.*)$/.exec(line);
      if (!m || !m[4]) throw new Error(`Line ${number}: a message is written a->>b: text.`);
      for (const group of open) group.edges.push(g.edges.length);
      const directed = m[4] !== '>';
      g.edges.push({ ...newEdge(who(m[1]), who(m[5]), plain(m[6])), directed, style: m[3] === '--' ? 'dashed' : 'solid', source_end: m[2] ? 'arrow' : 'none', target_end: directed ? 'arrow' : 'none' });
    }
    if (open.length) throw new Error('A frame is not closed by "end".');
  }

  function dropEdges(g, gone) {
    const at = new Map();
    g.edges = g.edges.filter((e, i) => { if (gone(e)) return false; at.set(i, at.size); return true; });
    for (const f of g.groups) if (f.edges) f.edges = f.edges.filter(i => at.has(i)).map(i => at.get(i));
  }
  function dropNode(g, id) {
    g.nodes = g.nodes.filter(n => n.id !== id);
    dropEdges(g, e => e.source === id || e.target === id);
  }

  return { write, read, copy, newEdge, newNode, freshId, dropEdges, dropNode, isSequence, SHAPES: Object.keys(SHAPES) };
})();
