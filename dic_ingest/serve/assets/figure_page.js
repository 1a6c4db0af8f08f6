// One figure: its page with the place marked, the inspector's card, the form for a review.
'use strict';

const own = DATA.figures[0];
const goto = { page: (number) => Pages.toPage(number), figure: () => {}, item: () => {} };
document.getElementById('page-side').append(Pages.start(() => {}));
Redraw.start(null);
const card = Cards.make(own, 0, goto);
card.style.setProperty('--tint', tint(own.route));
document.getElementById('card-side').append(card);
Pages.mark('f0');
card.querySelector('.overlay')?.click();

const form = document.getElementById('review');
if (form) {
  const { caption, mermaid, who } = form.elements;
  const [first, drawn] = [caption.value, mermaid.value];
  const preview = document.getElementById('preview');
  const key = 'dic-ingest-reviewer';
  try { who.value = localStorage.getItem(key) || ''; } catch { /* storage is off */ }
  let timer = 0;
  let made = '';
  const changed = () => {
    form.elements.edit.disabled = caption.disabled || (caption.value === first && mermaid.value === drawn && !document.querySelector('[role=alert]'));
    clearTimeout(timer);
    if (mermaid.value === made) return;
    timer = setTimeout(() => {
      made = mermaid.value;
      preview.hidden = made === drawn || !made.trim();
      preview.querySelector('.redraw')?.remove();
      if (!preview.hidden) preview.append(Redraw.plate(made));
    }, 400);
  };
  caption.addEventListener('input', changed);
  mermaid.addEventListener('input', changed);
  form.addEventListener('submit', () => { try { localStorage.setItem(key, who.value.trim()); } catch { /* storage is off */ } });
  const verdicts = { a: 'accept', e: 'edit', r: 'reject' };
  document.addEventListener('keydown', (event) => {
    if (typing(event) || document.querySelector('dialog[open]') || !verdicts[event.key]) return;
    const button = form.querySelector(`button[value=${verdicts[event.key]}]`);
    if (!button.disabled) button.click();
  });
  if (!form.querySelector('button[value=accept]').disabled) changed();
}
