// node check.mjs NODE_MODULES < sources.json > verdicts.json
// In: a JSON array of Mermaid sources. Out: an array of "" (accepted by Mermaid's own parser) or the parser's message.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const modules = path.resolve(process.argv[2]);
const require = createRequire(path.join(modules, 'any.js'));
const { JSDOM } = require('jsdom');
const { window } = new JSDOM('<!doctype html><html><body></body></html>');
globalThis.window = window;
globalThis.document = window.document;
for (const name of ['Element', 'HTMLElement', 'Node', 'DocumentFragment', 'NodeFilter', 'HTMLTemplateElement',
  'NamedNodeMap', 'DOMParser', 'Option']) globalThis[name] = window[name];

const entry = path.join(modules, 'mermaid', 'dist', 'mermaid.core.mjs');
const mermaid = (await import(pathToFileURL(entry).href)).default;
mermaid.initialize({ startOnLoad: false, maxTextSize: 10_000_000, maxEdges: 100_000 });
console.log = console.debug = console.info = console.warn = () => {};
const verdicts = [];
for (const source of JSON.parse(fs.readFileSync(0, 'utf8'))) {
  try {
    await mermaid.parse(source);
    verdicts.push('');
  } catch (error) {
    verdicts.push(String(error.message ?? error) || 'refused');
  }
}
fs.writeFileSync(1, JSON.stringify(verdicts));
