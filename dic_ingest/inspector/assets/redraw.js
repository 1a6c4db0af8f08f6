// Our reading drawn again by Mermaid: only what comes into sight, one after another, strict, without markup.
'use strict';

const Redraw = {
  waiting: [],
  busy: false,
  count: 0,
  allowed: new Set(('svg g defs marker path rect circle ellipse line polyline polygon text tspan title desc style '
    + 'clipPath symbol use linearGradient radialGradient stop filter feDropShadow').split(' ').map((n) => n.toLowerCase())),

  start(root) {
    this.seen = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        if (entry.isIntersecting && entry.target.dataset.drawn !== Theme.dark().toString()) this.ask(entry.target);
      }
    }, { root, rootMargin: '400px 0px' });
    Theme.changed.push(() => {
      for (const plate of document.querySelectorAll('.redraw')) { this.seen.unobserve(plate); this.seen.observe(plate); }
    });
  },

  plate(source) {
    const plate = el('div', { class: 'plate redraw waiting' });
    plate.source = source;
    this.seen.observe(plate);
    return plate;
  },

  ask(plate) {
    if (!this.waiting.includes(plate)) this.waiting.push(plate);
    if (!this.busy) this.next();
  },

  async next() {
    this.busy = true;
    while (this.waiting.length) {
      const plate = this.waiting.pop(); // what came into sight last is looked at now
      await this.draw(plate);
      await new Promise((done) => { setTimeout(done); });
    }
    this.busy = false;
  },

  async draw(plate) {
    const dark = Theme.dark();
    plate.dataset.drawn = String(dark);
    if (!window.mermaid) { this.refuse(plate, 'Mermaid is not beside this page (assets/mermaid.min.js).'); return; }
    const yard = el('div', { vars: { position: 'absolute', left: '-20000px', top: '0', width: '900px' } });
    document.body.append(yard);
    try {
      window.mermaid.initialize(this.config(dark));
      const [veiled, meant] = this.veil(plate.source);
      const { svg: drawn } = await window.mermaid.render(`drawn-${this.count += 1}`, veiled, yard);
      plate.replaceChildren(this.unveil(this.clean(drawn), meant));
      this.fit(plate);
      plate.classList.add('done');
    } catch (error) {
      this.refuse(plate, `This graph could not be drawn: ${String(error && error.message || error).split('\n')[0].slice(0, 160)}`);
    }
    yard.remove();
    plate.classList.remove('waiting');
  },

  /** As large as fits beside the crop, but never too small to read: then the plate scrolls. */
  fit(plate) {
    const drawn = plate.firstElementChild;
    const { width, height } = drawn.viewBox.baseVal;
    if (!width || !height) return;
    const pair = plate.closest('.two');
    if (width > 2 * height && width > 1.4 * plate.clientWidth) pair?.classList.add('one'); // a wide one has a row of its own
    const crop = pair?.querySelector('.picture');
    const tall = Math.min(480, Math.max(280, crop ? crop.clientHeight : 0));
    const scale = Math.max(0.4, Math.min(1, (plate.clientWidth - 26) / width, tall / height));
    drawn.removeAttribute('style');
    drawn.setAttribute('width', Math.round(width * scale));
    drawn.setAttribute('height', Math.round(height * scale));
  },

  refuse(plate, why) {
    plate.classList.remove('waiting');
    plate.classList.add('failed');
    plate.replaceChildren(el('p', { class: 'refused', text: why }));
  },

  /** Mermaid decodes entities in some labels and not in others: each becomes a private character on the way through. */
  veil(source) {
    const meant = new Map();
    const veils = new Map();
    let next = 0xe000;
    const named = { quot: '"', lt: '<', gt: '>', amp: '&' };
    const veiled = source.replace(/#(\d{1,6}|quot|lt|gt|amp);/g, (entity, name) => {
      if (!veils.has(entity)) {
        while (source.includes(String.fromCharCode(next))) next += 1;
        veils.set(entity, String.fromCharCode(next));
        meant.set(String.fromCharCode(next), named[name] || String.fromCodePoint(Math.min(Number(name), 0x10ffff)));
        next += 1;
      }
      return veils.get(entity);
    });
    return [veiled, meant];
  },

  unveil(root, meant) {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (/[\ue000-\uf8ff]/.test(node.data)) node.data = node.data.replace(/[\ue000-\uf8ff]/g, (c) => meant.get(c) || c);
    }
    return root;
  },

  /** Mermaid's SVG as elements: no scripts, handlers, links, foreign markup or outside resources. */
  clean(text) {
    const root = new DOMParser().parseFromString(text, 'image/svg+xml').documentElement;
    if (root.tagName.toLowerCase() !== 'svg') throw new Error('not an SVG');
    for (const node of [root, ...root.querySelectorAll('*')]) {
      const name = node.localName.toLowerCase();
      if (name === 'a') { node.replaceWith(...node.childNodes); continue; }
      if (!this.allowed.has(name)) { node.remove(); continue; }
      for (const { name: key, value } of [...node.attributes]) {
        const plain = key.toLowerCase();
        const link = plain.endsWith('href') && !value.startsWith('#');
        if (plain.startsWith('on') || link || /url\(\s*(?!["']?#)|javascript:/i.test(value)) node.removeAttribute(key);
      }
      if (name === 'style' && /@import|url\(\s*(?!["']?#)/i.test(node.textContent)) node.remove();
    }
    return document.importNode(root, true);
  },

  config(dark) {
    const css = getComputedStyle(document.documentElement);
    const color = (name) => css.getPropertyValue(name).trim();
    const [ink, rule, sheet, wash, soft] = ['--ink', '--rule', '--sheet', '--wash', '--soft'].map(color);
    const lines = dark ? '#9aa3ad' : '#5c636c';
    return {
      startOnLoad: false, securityLevel: 'strict', theme: 'base', htmlLabels: false, deterministicIds: true,
      maxTextSize: 60000, maxEdges: 2000, suppressErrorRendering: true, logLevel: 'fatal', fontFamily: 'sans-serif',
      secure: ['secure', 'securityLevel', 'startOnLoad', 'maxTextSize', 'maxEdges', 'htmlLabels', 'theme', 'themeCSS', 'themeVariables', 'fontFamily', 'flowchart', 'class', 'state', 'sequence', 'er', 'suppressErrorRendering'],
      flowchart: { htmlLabels: false, useMaxWidth: true, curve: 'linear' },
      class: { htmlLabels: false, useMaxWidth: true }, state: { useMaxWidth: true }, er: { useMaxWidth: true },
      sequence: { useMaxWidth: true, mirrorActors: false, showSequenceNumbers: false },
      themeVariables: {
        darkMode: dark, background: sheet, fontFamily: 'sans-serif', fontSize: '15px', textColor: ink,
        primaryColor: dark ? '#20393d' : '#e9f3f4', primaryTextColor: ink, primaryBorderColor: dark ? '#5aa7b0' : '#3d8790',
        secondaryColor: wash, tertiaryColor: wash, secondaryTextColor: ink, tertiaryTextColor: ink, tertiaryBorderColor: rule, lineColor: lines,
        edgeLabelBackground: color('--paper'), clusterBkg: wash, clusterBorder: soft, titleColor: ink, nodeTextColor: ink,
        noteBkgColor: wash, noteTextColor: ink, noteBorderColor: rule, actorTextColor: ink, signalColor: lines, signalTextColor: ink,
        labelTextColor: ink, loopTextColor: ink, labelBoxBkgColor: wash, labelBoxBorderColor: soft, activationBkgColor: wash, attributeBackgroundColorOdd: sheet, attributeBackgroundColorEven: wash,
        transitionColor: lines, transitionLabelColor: ink, stateLabelColor: ink, classText: ink,
      },
    };
  },
};
