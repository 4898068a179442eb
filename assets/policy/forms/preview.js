// The form as the server renders it, at a desk's and at a phone's width.
import { fill, h } from '../dom.js';
import { ask } from '../draft.js';
import { t } from '../words.js';

const PAUSE = 350;
const WIDTHS = { desk: 960, phone: 360 };

export class Preview {
  constructor(desk) {
    this.desk = desk;
    this.frame = h('iframe', { title: t('预览'), class: 'preview-frame' });
    this.problems = h('div', { class: 'preview-problems', role: 'status' });
    this.room = h('div', { class: 'preview-room' }, this.frame);
    const tab = (name, words) => h('button', { type: 'button', class: 'btn btn-outline-secondary btn-sm', 'aria-pressed': 'false', onclick: () => this.size(name), data: { size: name } }, words);
    this.tabs = h('div', { class: 'preview-sizes', role: 'group', 'aria-label': t('预览的宽度') },
      h('strong', {}, t('预览')), tab('desk', t('桌面')), tab('phone', t('手机')));
    this.element = h('div', { class: 'form-preview' }, this.tabs, this.problems, this.room);
    new ResizeObserver(() => this.size(this.name)).observe(this.room);
    this.size('desk');
  }

  size(name) {
    this.name = name;
    for (const one of this.tabs.querySelectorAll('[data-size]')) one.setAttribute('aria-pressed', String(one.dataset.size === name));
    const width = WIDTHS[name];
    const scale = Math.min(1, (this.room.clientWidth || width) / width);
    Object.assign(this.frame.style, {
      width: `${width}px`, height: `${(this.room.clientHeight || 600) / scale}px`, transform: `scale(${scale})`,
    });
  }

  show(text) {
    if (text === this.text) return;
    this.text = text;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.load(), PAUSE);
  }

  async load() {
    const { text } = this;
    if (text === undefined) return;
    try {
      const answer = await ask(`${this.desk.draft.url}/preview`, 'POST', { form: text });
      const said = await answer.json();
      if (text !== this.text) return;
      fill(this.problems, (said.problems ?? []).map((words) => h('p', { class: 'ink-red' }, words)));
      if (said.page) this.frame.srcdoc = said.page;
    } catch {
      fill(this.problems, h('p', { class: 'muted' }, t('预览暂时看不到。')));
    }
  }
}
