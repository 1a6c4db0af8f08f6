// Draws Mermaid sources in one Chromium that stays open: node render.mjs MERMAID_JS PUPPETEER_FOLDER CHROMIUM
// Standard input: a JSON object a line {"code", "out", "config", "scale", "side", "paper"}, or "svg" in place of "code"; standard output: one
// object a line, in order: {"ok", "width", "height", "scale"} or {"ok": false, "error"}. Nothing is fetched.
import readline from 'readline'; import path from 'path'; import { pathToFileURL } from 'url'; import { createRequire } from 'module';
const [, , mermaidFile, modules, chromium] = process.argv;
const found = createRequire(path.join(path.resolve(modules), 'x.js')).resolve('puppeteer-core');
const loaded = await import(pathToFileURL(found)); const puppeteer = loaded.default ?? loaded;
const LEAST = 0.6; // of a CSS pixel: smaller text cannot be read
const browser = await puppeteer.launch({ executablePath: chromium, headless: true, args: ['--no-sandbox', '--disable-gpu',
  '--disable-dev-shm-usage', '--disable-background-networking', '--font-render-hinting=none'] });

async function newPage() {
  const page = await browser.newPage();
  await page.setViewport({ width: 1400, height: 1000, deviceScaleFactor: 1 });
  await page.setContent('<!doctype html><meta charset="utf-8"><style>body{margin:0}#c{display:inline-block;padding:12px}</style><div id="c"></div>');
  await page.addScriptTag({ path: mermaidFile });
  await page.setOfflineMode(true);
  return page;
}

// in the page: draws the source and returns the size in CSS pixels
async function draw(item) {
  const c = document.getElementById('c');
  c.innerHTML = ''; c.style.background = item.paper;
  document.querySelectorAll('body > :not(#c)').forEach(e => { if (e.tagName !== 'SCRIPT') e.remove(); });
  mermaid.initialize({ startOnLoad: false, securityLevel: 'strict', suppressErrorRendering: true, ...item.config });
  const { svg } = item.svg ? item : await mermaid.render('m' + Math.floor(performance.now() * 1000), item.code);
  c.innerHTML = svg;
  const drawn = c.querySelector('svg'); drawn.style.maxWidth = 'none';
  const box = drawn.viewBox.baseVal;
  if (box && box.width) { drawn.setAttribute('width', box.width); drawn.setAttribute('height', box.height); }
  const r = c.getBoundingClientRect();
  return { w: Math.ceil(r.width), h: Math.ceil(r.height) };
}

const within = (p, ms) => Promise.race([p, new Promise((_, no) => setTimeout(() => no(new Error(`took over ${ms / 1000} s`)), ms))]);
let page = await newPage();
for await (const line of readline.createInterface({ input: process.stdin })) {
  if (!line.trim()) continue;
  const item = JSON.parse(line);
  let answer;
  try {
    const { w, h } = await within(page.evaluate(draw, item), 60000);
    const scale = Math.min(item.scale, item.side / Math.max(w, h));
    if (scale < LEAST) answer = { ok: false, error: `too large: ${w} x ${h}` };
    else {
      await page.setViewport({ width: Math.max(200, w + 4), height: Math.max(200, h + 4), deviceScaleFactor: scale });
      await within((await page.$('#c')).screenshot({ path: item.out }), 60000);
      answer = { ok: true, width: w, height: h, scale };
    }
  } catch (e) {
    answer = { ok: false, error: String(e.message || e).slice(0, 200) };
    try { await page.close(); } catch { /* gone already */ }
    page = await newPage();
  }
  console.log(JSON.stringify(answer));
}
await browser.close();
