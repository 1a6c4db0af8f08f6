// Draws diagram sources as one-page vector PDFs in Chromium.
// node render.mjs ITEMS.jsonl OUT      npm: mermaid, mxgraph, puppeteer-core; Debian: chromium
// ITEMS lines: {"name", "lang": "mermaid" | "svg" | "drawio", "code", "theme", "themeVariables", "look", "htmlLabels", "curve", "paper"}
// Nothing is fetched; an item that fails is told on standard error and left out.
import fs from 'fs'; import path from 'path'; import zlib from 'zlib'; import puppeteer from 'puppeteer-core';
const [, , list, out] = process.argv;
fs.mkdirSync(out, { recursive: true });
const items = fs.readFileSync(list, 'utf8').trim().split('\n').map(JSON.parse);
const modules = process.env.NODE_MODULES || path.resolve('node_modules');
const launch = () => puppeteer.launch({ protocolTimeout: 300000, timeout: 300000, executablePath: '/usr/bin/chromium', headless: true,
  args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking',
    '--disable-renderer-backgrounding', '--disable-backgrounding-occluded-windows'] });
let browser = await launch();

async function newPage() {
  const page = await browser.newPage();
  page.setDefaultTimeout(0);
  await page.setViewport({ width: 1400, height: 1000, deviceScaleFactor: 1 });
  await page.setContent('<!doctype html><meta charset="utf-8"><style>@page{margin:0}body{margin:0;background:#fff}' +
    '#c{display:inline-block;padding:12px;position:relative}</style><div id="c"></div>');
  await page.addScriptTag({ path: path.join(modules, 'mermaid/dist/mermaid.min.js') });
  await page.addScriptTag({ content: 'mxLoadResources=false;mxLoadStylesheets=false;mxForceIncludes=false;mxBasePath="";' });
  await page.addScriptTag({ path: path.join(modules, 'mxgraph/javascript/mxClient.min.js') });
  await page.setOfflineMode(true);
  return page;
}

// the first page of a draw.io file as plain XML: it may be deflated, base64 and percent-encoded
function model(code) {
  if (code.includes('<mxGraphModel')) return code.slice(code.indexOf('<mxGraphModel'), code.indexOf('</mxGraphModel>') + 15);
  const packed = /<diagram[^>]*>([^<]+)<\/diagram>/.exec(code);
  return packed ? decodeURIComponent(zlib.inflateRawSync(Buffer.from(packed[1], 'base64')).toString('latin1')) : '';
}

// in the page: draws the item and returns its size
async function draw(item) {
  const c = document.getElementById('c');
  c.innerHTML = ''; c.style.background = item.paper || '#fff';
  document.querySelectorAll('body > :not(#c)').forEach(e => { if (e.tagName !== 'SCRIPT') e.remove(); });
  if (item.lang === 'drawio') {
    const place = document.createElement('div'); c.appendChild(place);
    const graph = new mxGraph(place); graph.setHtmlLabels(true); graph.setEnabled(false);
    const node = mxUtils.parseXml(item.model);
    new mxCodec(node).decode(node.documentElement, graph.getModel());
    graph.refresh();
    const b = graph.getGraphBounds();
    graph.view.setTranslate(12 - b.x, 12 - b.y);
    place.style.width = b.width + 24 + 'px'; place.style.height = b.height + 24 + 'px';
    return { w: Math.ceil(b.width + 48), h: Math.ceil(b.height + 48) };
  }
  if (item.lang === 'mermaid') {
    mermaid.initialize({ startOnLoad: false, securityLevel: 'strict', theme: item.theme || 'default', look: item.look || 'classic',
      themeVariables: item.themeVariables || {}, htmlLabels: item.htmlLabels !== false, maxTextSize: 200000, maxEdges: 2000,
      flowchart: { htmlLabels: item.htmlLabels !== false, curve: item.curve || 'basis' }, suppressErrorRendering: true });
    const { svg } = await mermaid.render('m' + Math.random().toString(36).slice(2), item.code);
    c.innerHTML = svg;
  } else c.innerHTML = item.code.slice(item.code.indexOf('<svg'));
  const el = c.querySelector('svg'); el.style.maxWidth = 'none';
  const vb = el.viewBox.baseVal;
  if (vb && vb.width) { el.setAttribute('width', vb.width); el.setAttribute('height', vb.height); }
  const r = c.getBoundingClientRect();
  return { w: Math.ceil(r.width), h: Math.ceil(r.height) };
}

let page = await newPage();
const late = ms => new Promise((_, no) => setTimeout(() => no(new Error('timeout')), ms));
let made = 0;
for (const item of items) {
  if (fs.existsSync(path.join(out, item.name + '.pdf'))) { made += 1; continue; }
  try {
    if (item.lang === 'drawio') item.model = model(item.code);
    const { w, h } = await Promise.race([page.evaluate(draw, item), late(120000)]);
    if (w < 20 || h < 20 || w > 12000 || h > 12000) throw new Error(`size ${w} x ${h}`);
    await Promise.race([page.pdf({ timeout: 0, path: path.join(out, item.name + '.pdf'), width: w + 2 + 'px', height: h + 2 + 'px',
      printBackground: true, pageRanges: '1' }), late(120000)]);
    made += 1;
  } catch (error) {
    console.error(item.name, String(error.message || error).slice(0, 120));
    await Promise.race([browser.close(), late(5000)]).catch(() => browser.process()?.kill('SIGKILL'));
    browser = await launch();  // one that hung stays slow
    page = await newPage();
  }
}
await browser.close();
console.log(`${made} of ${items.length}`);
