// Renders diagram sources in Chromium three times: as drawn, and twice recoloured by role (pixel-exact labels).
// node render.mjs ITEMS.jsonl OUT      npm: mermaid, puppeteer-core; Debian: chromium
// ITEMS lines: {"name", "lang": "mermaid" | "svg", "code", "theme", "themeVariables", "look", "htmlLabels", "scale", "paper"}
// OUT/name.png, name.a.png (red: lines, green: inside of nodes, blue: frame outlines),
// name.b.png (red: line ends by type, green: node outlines, blue: lifelines and inner rules), name.json {font, scale}
import fs from 'fs'; import path from 'path'; import puppeteer from 'puppeteer-core';
const [, , list, out] = process.argv;
fs.mkdirSync(out, { recursive: true });
const items = fs.readFileSync(list, 'utf8').trim().split('\n').map(JSON.parse);
const modules = process.env.NODE_MODULES || path.resolve('node_modules');
const browser = await puppeteer.launch({ executablePath: '/usr/bin/chromium', headless: true,
  args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking'] });

async function newPage() {
  const page = await browser.newPage();
  await page.setViewport({ width: 1400, height: 1000, deviceScaleFactor: 1 });
  await page.setContent('<!doctype html><meta charset="utf-8"><style>body{margin:0;background:#fff}#c{display:inline-block;padding:12px}</style><div id="c"></div>');
  await page.addScriptTag({ path: path.join(modules, 'mermaid/dist/mermaid.min.js') });
  await page.setOfflineMode(true);
  return page;
}

// in the page: draws the item and returns its size
async function draw(item) {
  const c = document.getElementById('c');
  c.innerHTML = ''; c.style.background = item.paper || '#fff';
  document.querySelectorAll('body > :not(#c)').forEach(e => { if (e.tagName !== 'SCRIPT') e.remove(); });
  if (item.lang === 'mermaid') {
    mermaid.initialize({ startOnLoad: false, securityLevel: 'strict', theme: item.theme || 'default', look: item.look || 'classic',
      themeVariables: item.themeVariables || {}, htmlLabels: item.htmlLabels !== false, maxTextSize: 200000, maxEdges: 2000,
      flowchart: { htmlLabels: item.htmlLabels !== false, curve: item.curve || 'basis' }, suppressErrorRendering: true });
    const { svg } = await mermaid.render('m' + Math.random().toString(36).slice(2), item.code);
    c.innerHTML = svg;
  } else c.innerHTML = item.code.slice(item.code.indexOf('<svg'));
  const el = c.querySelector('svg'); el.style.maxWidth = 'none'; el.style.background = 'transparent';
  const vb = el.viewBox.baseVal;
  if (vb && vb.width) { el.setAttribute('width', vb.width); el.setAttribute('height', vb.height); }
  const r = c.getBoundingClientRect();
  const sizes = [...el.querySelectorAll('text,.nodeLabel,.edgeLabel,foreignObject div')].map(t => parseFloat(getComputedStyle(t).fontSize) * 1)
    .filter(v => v > 0).sort((a, b) => a - b);
  return { w: Math.ceil(r.width), h: Math.ceil(r.height), font: sizes[sizes.length >> 1] || 0, count: el.querySelectorAll('*').length };
}

// in the page: sets the role of every painted element, then shows only some roles
function recolour(pass) {
  const c = document.getElementById('c'); c.style.background = '#000';
  const svg = c.querySelector('svg');
  const NS = 'http://www.w3.org/2000/svg';
  const inG = (e, s) => e.closest(s);
  const ends = [[/extension|inherit/i, 80], [/aggregation/i, 110], [/composition/i, 140], [/circle|lollipop/i, 170], [/cross/i, 200],
    [/onlyOne|zeroOrOne|oneOrMore|zeroOrMore/i, 230], [/./, 255]];
  const grade = id => ends.find(([r]) => r.test(id))[1];
  const role = e => {
    if (e.dataset.role || svg.querySelector('[data-role]')) return e.dataset.role || ''; // told by whoever made the SVG
    const k = (e.getAttribute('class') || '') + ' ' + (e.parentElement?.getAttribute('class') || '');
    if (inG(e, 'marker')) return 'end:' + grade(inG(e, 'marker').id);
    if (inG(e, 'defs,.edgeLabel,foreignObject,.background,clipPath,symbol,.edgeLabels')) return '';
    if (inG(e, 'g.edge')) return e.tagName === 'path' ? 'line' : 'end:' + ((e.getAttribute('fill') || 'none') === 'none' || e.getAttribute('fill') === 'white'
      ? (e.tagName === 'ellipse' ? 170 : 80) : (e.tagName === 'ellipse' ? 170 : 255));
    if (inG(e, '.edgePaths,.edges') || /flowchart-link|transition|relation\b|relationshipLine|edge-thickness/.test(k)) return e.tagName === 'path' ? 'line' : '';
    if (/messageLine/.test(k)) return 'line';
    if (/actor-line/.test(k)) return 'rule';
    if (/loopLine/.test(k) || /labelBox/.test(k)) return 'frame';
    if (inG(e, '.actor-man')) return 'node';
    if (/activation\d/.test(k)) return 'node';
    if (/\bactor\b|actor-top|actor-bottom|\bnote\b/.test(k)) return 'node';
    if (inG(e, '.node,.rough-node,.statediagram-state,.statediagram-note')) {
      if (inG(e, '.divider') || /divider/.test(k)) return 'rule';
      if (/row-rect|label-container-row/.test(k)) return 'row';
      return 'node';
    }
    if (inG(e, '.cluster,.statediagram-cluster,.outer,.rect')) return e.tagName === 'line' ? 'rule' : 'frame';
    return '';
  };
  const paint = [...svg.querySelectorAll('path,rect,polygon,polyline,circle,ellipse,line')];
  const set = (e, o) => Object.entries(o).forEach(([k, v]) => e.style.setProperty(k, v, 'important'));
  if (!svg.dataset.roles) {
    svg.dataset.roles = 1;
    paint.forEach(e => { e.dataset.r = role(e); const s = getComputedStyle(e); e.dataset.w = s.stroke === 'none' ? 0 : parseFloat(s.strokeWidth) || 1; e.dataset.f = s.fill; });
    // hand-drawn outlines are bundles of strokes: their hull stands for the shape
    svg.querySelectorAll('g.node,g.cluster,g.rough-node,g.statediagram-cluster').forEach(g => {
      const ps = [...g.querySelectorAll('path')].filter(p => p.dataset.r === 'node' || p.dataset.r === 'frame');
      if (!ps.some(p => (p.getAttribute('d').match(/M/gi) || []).length > 3 && /C/.test(p.getAttribute('d')))) return;
      const pts = []; const m = g.getCTM().inverse();
      ps.forEach(p => { const L = p.getTotalLength(), t = m.multiply(p.getCTM()); for (let i = 0; i <= 240; i++) { const q = p.getPointAtLength(L * i / 240).matrixTransform(t); pts.push([q.x, q.y]); } });
      pts.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
      const cross = (o, a, b) => (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0]);
      const half = l => { const h = []; for (const p of l) { while (h.length > 1 && cross(h[h.length - 2], h[h.length - 1], p) <= 0) h.pop(); h.push(p); } return h.slice(0, -1); };
      const hull = half(pts).concat(half([...pts].reverse()));
      const e = document.createElementNS(NS, 'polygon'); e.setAttribute('points', hull.map(p => p.join(',')).join(' '));
      e.dataset.r = ps[0].dataset.r; e.dataset.w = 2; g.appendChild(e); paint.push(e); ps.forEach(p => { p.dataset.r = ''; });
    });
  }
  // the box of what is drawn together stands for an icon
  if (!svg.dataset.icons) {
    svg.dataset.icons = 1;
    paint.filter(e => e.dataset.r === 'icon' && e.tagName === 'path').forEach(e => {
      const parts = [e, e.previousElementSibling].filter(p => p && p.dataset.r === 'icon'), boxes = parts.map(p => p.getBBox());
      const x0 = Math.min(...boxes.map(b => b.x)), y0 = Math.min(...boxes.map(b => b.y));
      const box = document.createElementNS(NS, 'rect');
      Object.entries({ x: x0, y: y0, width: Math.max(...boxes.map(b => b.x + b.width)) - x0, height: Math.max(...boxes.map(b => b.y + b.height)) - y0, rx: 3 })
        .forEach(([k, v]) => box.setAttribute(k, v));
      box.dataset.r = 'icon'; box.dataset.w = 0; e.after(box); paint.push(box); parts.forEach(p => { p.dataset.r = ''; });
    });
  }
  set(svg, { background: '#000' });
  svg.querySelectorAll('text,foreignObject,image,use').forEach(e => set(e, { display: 'none' }));
  svg.querySelectorAll('*').forEach(e => set(e, { filter: 'none', opacity: 1, 'shape-rendering': 'crispEdges' }));
  const mark = e => ['marker-start', 'marker-end', 'marker-mid'].forEach(k => { if (e.dataset[k.replace('-', '')] === undefined) e.dataset[k.replace('-', '')] = getComputedStyle(e).getPropertyValue(k) || 'none'; });
  const ink = (e, stroke, fill, w) => set(e, { stroke, fill, 'stroke-width': w + 'px', 'mix-blend-mode': 'lighten', 'stroke-dasharray': 'none', 'fill-opacity': 1, 'stroke-opacity': 1, visibility: 'visible' });
  paint.forEach(e => {
    const r = e.dataset.r, w = Math.max(1, +e.dataset.w), none = 'none';
    if (e.tagName !== 'rect' && e.dataset.r !== 'icon') mark(e);
    const show = r === 'line' && pass === 'b';
    ['marker-start', 'marker-end', 'marker-mid'].forEach(k => set(e, { [k]: show ? e.dataset[k.replace('-', '')] : 'none' }));
    if (pass === 'a') {
      if (r === 'line') ink(e, '#f00', none, w);
      else if (r === 'node') ink(e, none, '#0f0', 0);
      else if (r === 'icon') ink(e, none, '#0a0', 0);
      else if (r === 'frame') ink(e, '#00f', none, Math.max(1.5, w));
      else ink(e, none, none, 0);
    } else {
      if (r.startsWith('end:')) { const v = `rgb(${r.slice(4)},0,0)`; ink(e, v, v, w); }
      else if (r === 'node') ink(e, '#0f0', none, Math.max(1.5, w));
      else if (r === 'rule') ink(e, '#00f', none, w);
      else ink(e, none, none, r === 'line' ? w : 0); // some markers are measured in widths of their line
    }
  });
}

const within = (p, ms) => Promise.race([p, new Promise((_, r) => setTimeout(() => r(new Error('timeout')), ms))]);
let page = await newPage(), done = 0, failed = 0;
for (const item of items) {
  const base = path.join(out, item.name);
  if (fs.existsSync(base + '.json')) continue;
  try {
    const size = await within(page.evaluate(draw, item), 20000);
    const scale = Math.min(item.scale || 1, Math.sqrt(9e6 / (size.w * size.h)));
    if (size.count > 4000 || scale < 0.6) throw new Error('too large');
    await page.setViewport({ width: Math.max(400, size.w + 20), height: Math.max(300, size.h + 20), deviceScaleFactor: scale });
    const el = await page.$('#c');
    await within(el.screenshot({ path: base + '.png' }), 20000);
    for (const pass of ['a', 'b']) {
      await page.evaluate(recolour, pass);
      await within(el.screenshot({ path: `${base}.${pass}.png` }), 20000);
    }
    fs.writeFileSync(base + '.json', JSON.stringify({ font: size.font, scale, lang: item.lang }));
    done++;
  } catch (e) {
    failed++; if (failed < 12) console.log(item.name, String(e.message || e).slice(0, 120));
    try { await page.close(); } catch { /* gone already */ }
    page = await newPage();
    for (const x of ['.png', '.a.png', '.b.png']) fs.rmSync(base + x, { force: true });
  }
}
await browser.close();
console.log('done', done, 'failed', failed);
