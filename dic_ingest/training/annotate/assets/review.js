'use strict';
// Figures one at a time: accept, edit or reject; answers go into a file that the annotator saves.
(() => {
  const byId = id => document.getElementById(id);
  const figures = JSON.parse(byId('data').textContent);
  const answers = new Map();
  const kept = 'dic_ingest.review.' + location.pathname;
  let at = 0;
  let saved = true;

  const text = (id, value) => { byId(id).textContent = value; };

  function show() {
    const f = figures[at];
    const given = answers.get(f.key);
    text('head', `${f.head} · doubt ${f.doubt}`);
    text('printed', f.printed);
    byId('image').src = f.image;
    byId('caption').value = given ? given.caption : f.draft;
    text('reading', f.reading || 'No graph was read in this figure.');
    byId('doubtful').replaceChildren(...f.doubtful.map(s => {
      const item = document.createElement('li');
      item.textContent = s;
      return item;
    }));
    byId('doubts').hidden = !f.doubtful.length;
    byId('at').value = at + 1;
    mark();
  }

  function mark() {
    const given = answers.get(figures[at].key);
    for (const name of ['accept', 'edit', 'reject']) byId(name).setAttribute('aria-pressed', String(given?.verdict === name));
    const changed = byId('caption').value.trim() !== figures[at].draft.trim();
    byId('accept').disabled = changed;
    byId('edit').disabled = !changed || !byId('caption').value.trim();
    text('state', given ? '' : 'no answer yet');
    text('count', `${at + 1} of ${figures.length} · ${answers.size} answered${saved ? '' : ' · not saved'}`);
    byId('save').disabled = !byId('name').value.trim() || !answers.size;
  }

  function answer(verdict) {
    const f = figures[at];
    const caption = verdict === 'edit' ? byId('caption').value.trim() : f.draft;
    answers.set(f.key, { key: f.key, verdict, caption });
    saved = false;
    remember();
    if (at + 1 < figures.length) go(at + 1); else show();
  }

  function go(to) {
    at = Math.max(0, Math.min(figures.length - 1, to));
    show();
  }

  const whole = () => ({ format: 'dic_ingest.answers/1', annotator: byId('name').value.trim(), answers: [...answers.values()] });

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
    if (data.format !== 'dic_ingest.answers/1') throw new Error('not a file of answers');
    const known = new Set(figures.map(f => f.key));
    if (data.annotator) byId('name').value = data.annotator;
    for (const a of data.answers) if (known.has(a.key) && ['accept', 'edit', 'reject'].includes(a.verdict)) answers.set(a.key, a);
    const open = figures.findIndex(f => !answers.has(f.key));
    go(open < 0 ? 0 : open);
  }

  // where the browser allows it for pages on disk: a closed tab loses nothing
  function remember() { try { localStorage.setItem(kept, JSON.stringify(whole())); } catch { /* not allowed */ } }
  function recall() { try { const was = localStorage.getItem(kept); if (was) take(JSON.parse(was)); } catch { /* not allowed */ } }

  byId('at').max = figures.length;
  byId('at').addEventListener('input', e => go(e.target.value - 1));
  byId('before').addEventListener('click', () => go(at - 1));
  byId('next').addEventListener('click', () => go(at + 1));
  for (const name of ['accept', 'edit', 'reject']) byId(name).addEventListener('click', () => answer(name));
  byId('undo').addEventListener('click', () => { answers.delete(figures[at].key); remember(); show(); });
  byId('caption').addEventListener('input', mark);
  byId('name').addEventListener('input', () => { remember(); mark(); });
  byId('save').addEventListener('click', save);
  byId('load').addEventListener('change', async e => {
    try { take(JSON.parse(await e.target.files[0].text())); } catch (error) { text('count', `That file cannot be read: ${error.message}`); }
  });
  addEventListener('beforeunload', e => { if (!saved) e.preventDefault(); });
  addEventListener('keydown', e => {
    if (/^(INPUT|TEXTAREA)$/.test(e.target.tagName) || e.ctrlKey || e.metaKey || e.altKey) return;
    const action = { a: 'accept', e: 'edit', r: 'reject', n: 'next', p: 'before' }[e.key];
    if (action && !byId(action).disabled) byId(action).click();
  });
  show();
  recall();
})();
