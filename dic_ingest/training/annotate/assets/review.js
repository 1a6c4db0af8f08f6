'use strict';
// Figures one at a time: accept, edit or reject; answers go into a file that the annotator saves.
(() => {
  const byId = id => document.getElementById(id);
  const { keys, part: size, adjudicates } = JSON.parse(byId('data').textContent);
  const nonce = document.currentScript.nonce;
  const parts = new Map(), asked = new Set();
  const answers = new Map();
  const kept = 'dic_ingest.review.' + location.pathname;
  const KEPT_PARTS = 4;
  const FORMATS = ['dic_ingest.answers/1', 'dic_ingest.answers/2'];
  let at = 0, saved = true, shown = null;

  const text = (id, value) => { byId(id).textContent = value; };
  const list = (id, lines) => byId(id).replaceChildren(...lines.map(s => { const item = document.createElement('li'); item.textContent = s; return item; }));
  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

  // figures come in parts, each a script beside the page; the oldest parts are let go again
  window.dicReviewPart = (number, figures) => {
    parts.set(number, figures);
    for (const old of parts.keys()) if (parts.size > KEPT_PARTS && old !== Math.floor(at / size)) { parts.delete(old); asked.delete(old); }
    if (!shown) show();
  };
  function figure() {
    const number = Math.floor(at / size);
    const found = parts.get(number)?.[at % size];
    if (!found && !asked.has(number)) {
      asked.add(number);
      const script = document.createElement('script');
      script.nonce = nonce;
      script.src = `pages/${number}.js`;
      script.onerror = () => text('count', `pages/${number}.js is missing beside this page.`);
      document.head.append(script);
    }
    return found || null;
  }

  function show() {
    shown = figure();
    byId('at').value = at + 1;
    document.querySelector('main').hidden = !shown;
    if (!shown) { text('count', 'loading …'); return; }
    const given = answers.get(shown.key);
    text('head', `${shown.head} · doubt ${shown.doubt}`);
    text('printed', shown.printed);
    text('section', shown.section);
    list('mentions', shown.mentions);
    list('reasons', shown.reasons || []);
    byId('image').src = shown.image;
    byId('caption').value = given?.verdict === 'edit' ? given.caption : shown.draft;
    Editor.show(given?.graph || shown.graph);
    list('doubtful', shown.doubtful);
    byId('doubts').hidden = !shown.doubtful.length;
    others();
    mark();
  }

  // what the others said, to choose from
  function others() {
    byId('others').hidden = !shown.answers.length;
    byId('given').replaceChildren(...shown.answers.map(a => {
      const box = document.createElement('article'), head = document.createElement('h3'), said = document.createElement('p'), use = document.createElement('button');
      head.textContent = `${a.annotator}: ${a.verdict}`;
      said.textContent = a.caption;
      use.type = 'button';
      use.textContent = `Use ${a.annotator}'s`;
      use.addEventListener('click', () => {
        if (a.verdict === 'reject') { answer('reject'); return; }
        byId('caption').value = a.caption;
        Editor.show(a.graph);
        mark();
      });
      box.append(head, said, Draw.of(a.graph), use);
      return box;
    }));
  }

  const changed = () => byId('caption').value.trim() !== shown.draft.trim() || !same(Editor.graph(), shown.graph);

  function mark() {
    const given = answers.get(shown.key);
    for (const name of ['accept', 'edit', 'reject']) byId(name).setAttribute('aria-pressed', String(given?.verdict === name));
    byId('accept').disabled = changed();
    byId('edit').disabled = !changed() || !byId('caption').value.trim() || !Editor.isGood();
    text('state', given ? '' : 'no answer yet');
    text('count', `${at + 1} of ${keys.length} · ${answers.size} answered${saved ? '' : ' · not saved'}`);
    byId('save').disabled = !byId('name').value.trim() || !answers.size;
    const found = Editor.graph().nodes.length ? Check.against(byId('caption').value, Editor.graph(), shown.texts) : [];
    list('contradictions', found);
    byId('checks').hidden = !found.length;
  }

  function answer(verdict) {
    const mine = verdict === 'edit';
    const row = { key: shown.key, verdict, caption: mine ? byId('caption').value.trim() : shown.draft, graph: null };
    if (mine && !same(Editor.graph(), shown.graph)) row.graph = Graph.copy(Editor.graph());
    answers.set(shown.key, row);
    saved = false;
    remember();
    if (at + 1 < keys.length) go(at + 1); else show();
  }

  function go(to) {
    at = Math.max(0, Math.min(keys.length - 1, to));
    show();
  }

  const whole = () => ({ format: FORMATS[1], annotator: byId('name').value.trim(), adjudicates, answers: [...answers.values()] });

  function save() {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([JSON.stringify(whole(), null, 1)], { type: 'application/json' }));
    link.download = `answers-${byId('name').value.trim().replace(/[^\p{L}\p{N}_-]+/gu, '_')}.json`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    saved = true;
    mark();
  }

  function take(data) {
    if (!FORMATS.includes(data.format)) throw new Error('not a file of answers');
    const known = new Set(keys);
    if (data.annotator) byId('name').value = data.annotator;
    for (const a of data.answers) if (known.has(a.key) && ['accept', 'edit', 'reject'].includes(a.verdict)) answers.set(a.key, a);
    const open = keys.findIndex(k => !answers.has(k));
    go(open < 0 ? 0 : open);
  }

  // where the browser allows it for pages on disk: a closed tab loses nothing
  function remember() { try { localStorage.setItem(kept, JSON.stringify(whole())); } catch { /* not allowed */ } }
  function recall() { try { const was = localStorage.getItem(kept); if (was) take(JSON.parse(was)); } catch { /* not allowed */ } }

  byId('at').max = keys.length;
  byId('at').addEventListener('input', e => go(e.target.value - 1));
  byId('before').addEventListener('click', () => go(at - 1));
  byId('next').addEventListener('click', () => go(at + 1));
  for (const name of ['accept', 'edit', 'reject']) byId(name).addEventListener('click', () => answer(name));
  byId('undo').addEventListener('click', () => { answers.delete(shown.key); remember(); show(); });
  byId('caption').addEventListener('input', mark);
  byId('name').addEventListener('input', () => { remember(); if (shown) mark(); });
  byId('save').addEventListener('click', save);
  byId('load').addEventListener('change', async e => {
    try { take(JSON.parse(await e.target.files[0].text())); } catch (error) { text('count', `That file cannot be read: ${error.message}`); }
  });
  addEventListener('beforeunload', e => { if (!saved) e.preventDefault(); });
  addEventListener('keydown', e => {
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(e.target.tagName) || e.ctrlKey || e.metaKey || e.altKey) return;
    const action = { a: 'accept', e: 'edit', r: 'reject', n: 'next', p: 'before' }[e.key];
    if (action && shown && !byId(action).disabled) byId(action).click();
  });
  Editor.start(() => { if (shown) mark(); });
  show();
  recall();
})();
