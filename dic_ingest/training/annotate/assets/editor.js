'use strict';
// The graph's editor: nodes and edges as tables, Mermaid as text, a live picture. One graph behind all three.
const Editor = (() => {
  const byId = id => document.getElementById(id);
  const KINDS = ['flowchart', 'sequence', 'state', 'class', 'er', 'topology', 'block', 'timing', 'chart', 'photo', 'screenshot', 'table', 'other'];
  const ENDS = [['to', '→'], ['both', '↔'], ['none', '—']];
  let graph = null, changed = () => {}, good = true;

  const el = (name, given = {}, ...parts) => {
    const e = document.createElement(name);
    for (const [k, v] of Object.entries(given)) if (k.startsWith('on')) e.addEventListener(k.slice(2), v); else if (k in e) e[k] = v; else e.setAttribute(k, v);
    e.append(...parts);
    return e;
  };
  const choice = (options, value, onchange, title) => {
    const s = el('select', { title, onchange: () => onchange(s.value) }, ...options.map(([v, t]) => el('option', { value: v }, t)));
    s.value = value;
    return s;
  };
  const field = (value, title, oninput) => { const i = el('input', { value, title, oninput: () => oninput(i.value) }); return i; };
  const button = (text, title, onclick) => el('button', { type: 'button', title, onclick }, text);
  const name = p => p.label || `(${p.id})`;
  const parts = () => [...graph.nodes, ...graph.groups].map(p => [p.id, name(p)]);
  const ending = e => (!e.directed ? 'none' : e.source_end === 'arrow' ? 'both' : 'to');

  function end(e, how) {
    const head = e.target_end === 'none' ? 'arrow' : e.target_end; // a triangle or diamond stays one
    Object.assign(e, how === 'none' ? { directed: false, source_end: 'none', target_end: 'none' } : { directed: true, source_end: how === 'both' ? 'arrow' : e.source_end === 'arrow' ? 'none' : e.source_end, target_end: head });
  }

  function nodes() {
    const frames = [['', '—'], ...graph.groups.map(f => [f.id, name(f)])];
    const shapes = n => [...new Set([...Graph.SHAPES, n.shape])].map(s => [s, s]);
    return graph.nodes.map(n => el('tr', {},
      el('td', {}, field(n.label, 'Label', v => { n.label = v; touch(false); })),
      el('td', {}, choice(shapes(n), n.shape, v => { n.shape = v; touch(); }, 'Shape')),
      el('td', {}, choice(frames, n.group || '', v => { n.group = v || null; touch(); }, 'Frame')),
      el('td', {}, button('×', 'Delete this node and its lines', () => { Graph.dropNode(graph, n.id); touch(); }))));
  }

  function edges() {
    return graph.edges.map((e, i) => el('tr', {},
      el('td', {}, choice(parts(), e.source, v => { e.source = v; touch(); }, 'From')),
      el('td', {}, choice(ENDS, ending(e), v => { end(e, v); touch(); }, 'Direction')),
      el('td', {}, choice(parts(), e.target, v => { e.target = v; touch(); }, 'To')),
      el('td', {}, field(e.label, 'Label', v => { e.label = v; touch(false); })),
      el('td', {}, button('⇄', 'Turn round', () => { [e.source, e.target, e.source_label, e.target_label] = [e.target, e.source, e.target_label, e.source_label]; touch(); }),
        button('↑', 'Earlier', () => { if (i) { [graph.edges[i - 1], graph.edges[i]] = [e, graph.edges[i - 1]]; touch(); } }),
        button('×', 'Delete this line', () => { Graph.dropEdges(graph, x => x === e); touch(); }))));
  }

  function touch(tables = true) {
    good = true;
    if (tables) rows();
    byId('mermaid').value = Graph.write(graph);
    byId('wrong').textContent = '';
    picture();
    changed();
  }
  function rows() {
    byId('nodes').replaceChildren(...nodes());
    byId('edges').replaceChildren(...edges());
    byId('kind').value = graph.kind;
    byId('add-edge').disabled = !graph.nodes.length;
  }
  function picture() { byId('drawing').replaceChildren(Draw.of(graph)); }

  function typed() {
    try {
      graph = Graph.read(byId('mermaid').value, graph);
      good = true;
      byId('wrong').textContent = '';
      rows();
      picture();
    } catch (error) {
      good = false;
      byId('wrong').textContent = error.message;
    }
    changed();
  }

  function start(told) {
    changed = told;
    byId('kind').append(...KINDS.map(k => el('option', { value: k }, k)));
    byId('kind').addEventListener('change', () => { graph.kind = byId('kind').value; touch(); });
    byId('mermaid').addEventListener('input', typed);
    byId('add-node').addEventListener('click', () => { graph.nodes.push(Graph.newNode(Graph.freshId(graph), 'New')); touch(); });
    byId('add-edge').addEventListener('click', () => { graph.edges.push(Graph.newEdge(graph.nodes[0].id, graph.nodes.at(-1).id)); touch(); });
    byId('no-graph').addEventListener('click', () => { graph = { kind: graph.kind, nodes: [], edges: [], groups: [] }; touch(); });
  }
  function show(given) {
    graph = Graph.copy(given);
    good = true;
    rows();
    byId('mermaid').value = Graph.write(graph);
    byId('wrong').textContent = '';
    picture();
  }
  return { start, show, graph: () => graph, isGood: () => good };
})();
