// What the check says, beside the canvas: marks on the elements, a list in words, fixes to press.
import { button, fill, h } from './dom.js';
import { fixesFor } from './fixes.js';
import { say, t } from './words.js';

const PAUSE = 700;
const SIGNS = { error: '✕', warning: '▲', info: 'ⓘ' };
const ORDER = ['error', 'warning', 'info'];
const WORDS = { error: '错误', warning: '提醒', info: '说明' };

export class Findings {
  constructor(desk, list, count) {
    Object.assign(this, { desk, list, count, found: [] });
    // From the first change on, what stands here is about what was there before.
    desk.draft.on('saving', () => this.list.setAttribute('aria-busy', 'true'));
    desk.draft.on('saved', () => this.later());
    desk.draft.on('merged', () => this.later());
    desk.modeler.on('import.done', () => this.mark());
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.run(), PAUSE);
  }

  /** Check the draft as it was saved; of two runs the later counts. */
  async run() {
    clearTimeout(this.timer);
    const number = this.number = (this.number ?? 0) + 1;
    this.list.setAttribute('aria-busy', 'true');
    try {
      const { files } = await this.desk.draft.check();
      if (number !== this.number) return;
      this.found = files.flatMap(({ file, findings }) => findings.map((one) => ({ ...one, file })))
        .sort((one, other) => ORDER.indexOf(one.severity) - ORDER.indexOf(other.severity));
      this.show();
      this.desk.coverage.learn(files);
    } catch (error) {
      if (number === this.number) this.failed(error);
    } finally {
      if (number === this.number) this.list.removeAttribute('aria-busy');
    }
  }

  /** A checker that is busy is asked again; of anything else a change may rid us. */
  failed({ message, again }) {
    const words = again ? t('检查未完成，即将重试。') : t('检查未完成，修改后重试。');
    fill(this.list, h('p', { class: 'muted' }, words), h('small', { class: 'muted' }, message));
    if (again) this.timer = setTimeout(() => this.run(), again);
  }

  show() {
    const lines = this.found.map((finding) => this.line(finding));
    fill(this.list, lines.length ? h('ul', { class: 'findings-list' }, lines) : h('p', { class: 'findings-fine' }, t('✓ 检查通过，未发现问题。')));
    fill(this.count, this.summary());
    this.mark();
    this.desk.panel.refresh();
  }

  summary() {
    const counts = ORDER.map((severity) => [severity, this.found.filter((one) => one.severity === severity).length]);
    const shown = counts.filter(([, count]) => count).map(([severity, count]) => (
      h('span', { class: `finding-${severity}` }, `${SIGNS[severity]} ${count} ${t(WORDS[severity])}`)));
    return shown.length ? shown : [h('span', { class: 'finding-fine' }, t('✓ 通过'))];
  }

  line(finding) {
    const fixes = fixesFor(this.desk, finding);
    return h('li', { class: `finding finding-${finding.severity}` },
      h('span', { class: 'finding-sign', 'aria-hidden': 'true' }, SIGNS[finding.severity]),
      h('div', { class: 'finding-words' },
        h('button', { type: 'button', class: 'finding-open', onclick: () => this.open(finding) },
          h('span', { class: 'visually-hidden' }, `${t(WORDS[finding.severity])} `), say(finding.message)),
        h('div', { class: 'finding-remedy' }, this.where(finding), say(finding.remedy))),
      fixes.map(({ words, act }) => button(words, act, { class: 'btn btn-outline-primary btn-sm' })));
  }

  /** Of findings that are not in the open diagram, in which file they are. */
  where({ file }) {
    if (file === this.desk.diagram.path) return null;
    const key = file.startsWith('forms/') ? file.slice(6, -5) : null;
    return h('span', { class: 'finding-file' }, key ? t('表单《{title}》', { title: this.desk.forms.title(key) }) : file.split('/').pop());
  }

  open({ file, element }) {
    const { desk } = this;
    if (file.startsWith('forms/')) desk.openForm(file.slice(6, -5));
    else if (file.endsWith('.dmn')) desk.openTable(file, element);
    else desk.go(file, element);
  }

  /** The findings of one element, for its panel. */
  about(element) {
    const mine = this.here().filter((one) => one.element === element.id || one.element === element.businessObject?.processRef?.id);
    return mine.length ? h('ul', { class: 'findings-list findings-own' }, mine.map((finding) => this.line(finding))) : null;
  }

  here() {
    return this.found.filter(({ file }) => file === this.desk.diagram.path);
  }

  mark() {
    const { modeler } = this.desk;
    const [canvas, overlays, registry] = ['canvas', 'overlays', 'elementRegistry'].map((name) => modeler.get(name));
    overlays.remove({ type: 'finding' });
    for (const element of registry.getAll()) ORDER.forEach((severity) => canvas.removeMarker(element, `has-${severity}`));
    const worst = new Map();
    // The list begins with the worst.
    for (const finding of this.here()) if (!worst.has(finding.element)) worst.set(finding.element, finding);
    for (const [id, finding] of worst) this.flag(canvas, overlays, this.desk.elementOf(id), finding);
  }

  flag(canvas, overlays, element, finding) {
    if (!element || element === canvas.getRootElement()) return;
    canvas.addMarker(element, `has-${finding.severity}`);
    const html = h('span', { class: `finding-flag finding-flag-${finding.severity}`, title: say(finding.message) }, SIGNS[finding.severity]);
    const position = element.waypoints ? middle(element) : { top: -10, right: 10 };
    overlays.add(element, 'finding', { position, html });
  }
}

/** An overlay of a connection is placed within the box around it. */
function middle({ waypoints }) {
  const at = waypoints[Math.floor((waypoints.length - 1) / 2)];
  const next = waypoints[Math.floor((waypoints.length - 1) / 2) + 1];
  const left = Math.min(...waypoints.map(({ x }) => x));
  const top = Math.min(...waypoints.map(({ y }) => y));
  return { left: (at.x + next.x) / 2 - left - 9, top: (at.y + next.y) / 2 - top - 9 };
}
