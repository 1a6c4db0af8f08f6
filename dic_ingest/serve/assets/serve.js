// Pages of the server: theme, keys, filter, uploads with their progress, a worded answer.
'use strict';

const csrf = document.querySelector('meta[name=csrf]').content;
document.getElementById('theme-place').append(Theme.button());

document.addEventListener('keydown', (event) => {
  if (typing(event) || document.querySelector('dialog[open]')) return;
  if (event.key === '/') {
    const box = document.querySelector('.ask input');
    if (box) { event.preventDefault(); box.focus(); box.select(); }
  } else if (event.key === 'd') Theme.toggle();
});

const filter = document.getElementById('filter');
if (filter) {
  filter.addEventListener('input', () => {
    const wanted = folded(filter.value.trim());
    for (const item of document.querySelectorAll('#list > li')) item.hidden = !folded(item.textContent).includes(wanted);
  });
}
for (const image of document.querySelectorAll('img.thumb, .leaf img')) {
  image.addEventListener('error', () => image.replaceWith(el('span', { class: image.className })));
}

// long texts of hits
for (const text of document.querySelectorAll('.hit .text')) {
  if (text.scrollHeight <= text.clientHeight + 4) continue;
  text.classList.add('cut');
  const more = el('button', { class: 'more', type: 'button', text: 'show all', on: { click: () => { more.textContent = text.classList.toggle('all') ? 'show less' : 'show all'; } } });
  text.after(more);
}

// uploads
const STAGES = { waiting: 'waits its turn', reading: 'reading', indexing: 'indexing', done: 'done', failed: 'failed' };

const Uploads = {
  at: document.getElementById('uploads'),

  start() {
    const drop = document.getElementById('drop');
    if (!drop) return;
    const files = document.getElementById('files');
    document.getElementById('choose').addEventListener('click', () => files.click());
    files.addEventListener('change', () => { for (const file of files.files) this.send(file); files.value = ''; });
    for (const kind of ['dragenter', 'dragover']) addEventListener(kind, (event) => { event.preventDefault(); drop.classList.add('over'); });
    addEventListener('dragleave', (event) => { if (!event.relatedTarget) drop.classList.remove('over'); });
    addEventListener('drop', (event) => {
      event.preventDefault();
      drop.classList.remove('over');
      for (const file of event.dataTransfer.files) this.send(file);
    });
  },

  send(file) {
    const state = el('span', { text: 'sending' });
    const bar = el('i');
    const row = el('li', {}, el('b', { text: file.name }), state, el('span', { class: 'track' }, bar));
    this.at.append(row);
    const request = new XMLHttpRequest(); // fetch does not tell how far an upload is
    request.open('POST', `/upload?name=${encodeURIComponent(file.name)}`);
    request.setRequestHeader('x-csrf-token', csrf);
    request.upload.addEventListener('progress', (event) => { if (event.lengthComputable) bar.style.width = percent(event.loaded / event.total).replace(' ', ''); });
    const fail = (why) => { row.className = 'failed'; state.textContent = why; };
    request.addEventListener('error', () => fail('the server cannot be reached'));
    request.addEventListener('load', () => {
      let answer = {};
      try { answer = JSON.parse(request.responseText); } catch { answer = { error: request.responseText.slice(0, 200) }; }
      if (request.status === 200) this.follow(answer.job, row, state, fail);
      else fail(answer.error || `refused (${request.status})`);
    });
    request.send(file);
  },

  follow(job, row, state, fail) {
    row.className = 'busy';
    const events = new EventSource(`/jobs/${job}/events`);
    events.addEventListener('message', (event) => {
      const now = JSON.parse(event.data);
      state.textContent = `${STAGES[now.stage]}, ${Math.round(now.seconds)} s`;
      if (now.stage === 'failed') { events.close(); fail(now.message); }
      if (now.stage === 'done') {
        events.close();
        row.className = 'done';
        const link = el('a', { href: `/documents/${encodeURIComponent(now.document)}`, text: 'open' });
        state.replaceChildren(`${many(now.pages, 'page')}, ${many(now.figures, 'figure')}, ${Math.round(now.seconds)} s  `, link);
        if (now.message) row.append(el('small', { text: now.message }));
      }
    });
    events.addEventListener('error', () => { if (events.readyState === EventSource.CLOSED) fail('the server cannot be reached'); });
  },
};
Uploads.start();

// an answer in words; [1] leads to the passage
const answer = document.getElementById('answer');
if (answer) {
  const said = answer.querySelector('p');
  fetch('/answer', { method: 'POST', headers: { 'content-type': 'application/json', 'x-csrf-token': csrf }, body: JSON.stringify({ q: answer.dataset.question }) })
    .then(async (reply) => {
      const found = await reply.json();
      if (!reply.ok) throw new Error(found.error);
      said.className = '';
      said.replaceChildren(...found.answer.split(/(\[\d{1,2}\])/).map((part) => {
        const number = part.match(/^\[(\d+)\]$/);
        return number && document.getElementById(`hit-${number[1]}`) ? el('a', { href: `#hit-${number[1]}`, text: part }) : document.createTextNode(part);
      }));
    })
    .catch((error) => { said.className = 'note problem'; said.textContent = String(error.message || error); });
}
