'use strict';
// Where an expert's text and an expert's graph do not say the same. Tells; never changes or refuses anything.
const Check = (() => {
  const MOST = 8;
  const FORTH = /\b(leads?|sends?|goes|flows?|points?|calls?|passes|transitions?|moves?|followed|inherits?|forwards?|returns?|connects?)\b/i;
  const LOOSE = /\b(connected|linked|exchange|joined)\b/i;
  const BACK = /\b(comes?|receive[ds]?|reached|sent|called|triggered)\b[^"]*\b(from|by)\b/i;
  const key = t => t.normalize('NFKC').toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
  const QUOTED = /["“”„«»]([^"“”„«»]+)["“”„«»]/g;

  // texts: what else stands in the figure, its title and notes
  function against(caption, g, texts) {
    const found = [], told = new Set();
    const named = new Map();
    for (const p of [...g.nodes, ...g.groups]) if (key(p.label)) named.set(key(p.label), [...(named.get(key(p.label)) || []), p.id]);
    const known = new Set(g.edges.flatMap(e => [e.label, e.source_label, e.target_label]).concat(g.nodes.flatMap(n => n.members || [])).map(t => key(t || '')));
    const drawn = [...known, ...named.keys(), ...texts.map(key)].filter(Boolean);
    for (const sentence of caption.split(/(?<=[.!?])\s+|\n+/)) {
      const said = [...sentence.matchAll(QUOTED)].filter(m => m[1] === m[1].trim()); // else a quote within a name
      for (const [, t] of said) if (key(t) && !drawn.some(p => p.includes(key(t)))) found.push(`“${t}” is not in the graph.`);
      const ends = said.filter(m => named.has(key(m[1]))).map(m => m[1]);
      if (ends.length < 2) continue;
      // a label stands in brackets behind its end, or anywhere where there is one line alone
      const bracketed = [...sentence.matchAll(/["“”]([^"“”]+)["“”](?:\s*\(\d+\))?\s*\(((?:["“”][^"“”]+["“”](?:,\s*)?)+)\)/g)];
      const behind = new Map(bracketed.map(m => [m[1], [...m[2].matchAll(QUOTED)].map(t => key(t[1]))]));
      const others = said.map(m => m[1]).filter(t => !named.has(key(t))).map(key);
      const labelsOf = other => behind.get(other) || (ends.length === 2 && !bracketed.length ? others : []);
      const plain = sentence.replace(QUOTED, '""');
      if (!FORTH.test(plain) && !LOOSE.test(plain)) continue;
      const back = BACK.test(plain);
      for (const other of ends.slice(1)) line(sentence, back ? other : ends[0], back ? ends[0] : other, labelsOf(other), LOOSE.test(plain));
    }
    function line(sentence, from, to, labels, loose) {
      const a = new Set(named.get(key(from))), b = new Set(named.get(key(to)));
      const right = g.edges.filter(e => a.has(e.source) && b.has(e.target) || ((loose || !e.directed || e.source_end === 'arrow') && b.has(e.source) && a.has(e.target)));
      right.forEach(e => told.add(e));
      if (!right.length) {
        const turned = g.edges.some(e => b.has(e.source) && a.has(e.target));
        found.push(turned ? `The text says “${from}” to “${to}”; the graph has it the other way round.` : `The text says “${from}” to “${to}”; the graph has no such line.`);
      } else if (labels.length && !right.some(e => [e.label, e.source_label, e.target_label].some(t => labels.includes(key(t || ''))))) {
        const has = right.map(e => e.label).filter(Boolean).join('”, “');
        found.push(`The text gives the line from “${from}” to “${to}” another label than the graph${has ? ` (“${has}”)` : ', which has none'}.`);
      }
    }
    const whole = key(caption);
    const label = id => [...g.nodes, ...g.groups].find(p => p.id === id)?.label || '';
    const silent = g.edges.filter(e => !told.has(e) && key(label(e.source)) && key(label(e.target)) && !(whole.includes(key(label(e.source))) && whole.includes(key(label(e.target)))));
    for (const e of silent.slice(0, MOST)) found.push(`The text does not tell the line from “${label(e.source)}” to “${label(e.target)}”.`);
    const all = [...new Set(found)];
    return all.length > MOST * 2 ? [...all.slice(0, MOST * 2), `… and ${all.length - MOST * 2} more.`] : all;
  }
  return { against };
})();
