// Which flows the scenarios take, shown on the diagram while one draws: pressed on and off.
import { t } from './words.js';

const TAKEN = 'flow-taken';
const UNTAKEN = 'flow-untaken';

export class Coverage {
  /** `toggle` is a button with aria-pressed; `told` says in words what the colours say. */
  constructor(desk, toggle, told) {
    Object.assign(this, { desk, toggle, told, found: new Map() });
    desk.modeler.on('import.done', () => this.show());
  }

  get on() {
    return this.toggle.getAttribute('aria-pressed') === 'true';
  }

  press() {
    this.toggle.setAttribute('aria-pressed', String(!this.on));
    this.show();
  }

  /** What the check has found, by the files of its document. */
  learn(files) {
    this.found = new Map(files.map(({ file, coverage }) => [file, coverage]));
    this.show();
  }

  show() {
    const { modeler, diagram } = this.desk;
    const [canvas, registry] = ['canvas', 'elementRegistry'].map((name) => modeler.get(name));
    const flows = registry.filter(({ type }) => type === 'bpmn:SequenceFlow');
    for (const flow of flows) for (const mark of [TAKEN, UNTAKEN]) canvas.removeMarker(flow, mark);
    this.told.hidden = !this.on;
    if (!this.on) return;
    const played = this.found.get(diagram.path);
    const [taken, untaken] = [new Set(played?.taken), new Set(played?.untaken)];
    for (const flow of flows) {
      if (taken.has(flow.id)) canvas.addMarker(flow, TAKEN);
      else if (untaken.has(flow.id)) canvas.addMarker(flow, UNTAKEN);
    }
    this.told.textContent = played ? this.words(taken.size, untaken.size) : t('无用例结果：暂无用例，或需先修改错误。');
  }

  words(taken, untaken) {
    const of = taken + untaken;
    return untaken
      ? t('绿色实线：用例已覆盖（{taken}/{of} 条）；橙色虚线：未覆盖（{untaken} 条）', { taken, of, untaken })
      : t('全部 {of} 条连线均已覆盖。', { of });
  }
}
