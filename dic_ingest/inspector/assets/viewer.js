// A larger view of anything: wheel zooms where the pointer is, dragging moves, Escape closes.
'use strict';

const Viewer = {
  start() {
    this.moved = el('div', { class: 'moved' });
    this.frame = el('div', { class: 'frame' }, this.moved);
    this.title = el('b');
    const tool = (text, label, act) => el('button', { class: 'quiet', text, title: label, 'aria-label': label, on: { click: act } });
    this.box = el('dialog', { class: 'large', id: 'viewer' },
      el('div', { class: 'top' }, this.title, tool('−', 'Smaller', () => this.by(1 / 1.4)), tool('+', 'Larger', () => this.by(1.4)),
        tool('fit', 'Fit', () => this.fit()), tool('✕', 'Close', () => this.box.close())),
      this.frame);
    document.body.append(this.box);
    this.frame.addEventListener('wheel', (event) => {
      event.preventDefault();
      const at = this.frame.getBoundingClientRect();
      this.by(Math.exp(-event.deltaY / 400), event.clientX - at.left, event.clientY - at.top);
    }, { passive: false });
    this.frame.addEventListener('pointerdown', (event) => {
      this.frame.setPointerCapture(event.pointerId);
      const from = [event.clientX - this.x, event.clientY - this.y];
      const move = (e) => { this.x = e.clientX - from[0]; this.y = e.clientY - from[1]; this.place(); };
      const end = () => { this.frame.removeEventListener('pointermove', move); };
      this.frame.addEventListener('pointermove', move);
      for (const name of ['pointerup', 'pointercancel']) this.frame.addEventListener(name, end, { once: true });
    });
  },
  /** Show `content`, which is `width` by `height` CSS pixels at scale 1. */
  show(title, content, width, height) {
    this.title.textContent = title;
    this.moved.replaceChildren(content);
    this.size = [width, height];
    Object.assign(this.moved.style, { width: `${width}px`, height: `${height}px` });
    this.box.showModal();
    this.fit();
  },
  fit() {
    const { clientWidth: w, clientHeight: h } = this.frame;
    this.scale = Math.min((w - 32) / this.size[0], (h - 32) / this.size[1]);
    this.x = (w - this.size[0] * this.scale) / 2;
    this.y = (h - this.size[1] * this.scale) / 2;
    this.place();
  },
  by(factor, x = this.frame.clientWidth / 2, y = this.frame.clientHeight / 2) {
    const scale = Math.max(0.05, Math.min(20, this.scale * factor));
    this.x = x - (x - this.x) * (scale / this.scale);
    this.y = y - (y - this.y) * (scale / this.scale);
    this.scale = scale;
    this.place();
  },
  place() { this.moved.style.transform = `translate(${this.x}px, ${this.y}px) scale(${this.scale})`; },
};
Viewer.start();
