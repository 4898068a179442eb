// The properties panel: what the chosen element is, in sections by its kind.
import { fill, h } from './dom.js';
import { actionSections, callSections, decisionSections, scriptSections } from './panel/automatic.js';
import { answerSections } from './panel/answer.js';
import { flowSections, gatewaySections } from './panel/branches.js';
import { note } from './panel/controls.js';
import { eventSections } from './panel/events.js';
import { generalSection } from './panel/general.js';
import { loopSections } from './panel/loops.js';
import { laneSections, processSections } from './panel/settings.js';
import { taskSections } from './panel/task.js';
import { t } from './words.js';

const BY_TYPE = {
  'bpmn:UserTask': taskSections,
  'bpmn:Lane': laneSections,
  'bpmn:ServiceTask': actionSections,
  'bpmn:SendTask': (desk, element) => [...actionSections(desk, element), ...eventSections(desk, element)],
  'bpmn:BusinessRuleTask': decisionSections,
  'bpmn:ScriptTask': scriptSections,
  'bpmn:CallActivity': callSections,
  'bpmn:SequenceFlow': flowSections,
  'bpmn:Process': processSections,
  'bpmn:Participant': processSections,
};

export class Panel {
  constructor(desk, container) {
    Object.assign(this, { desk, container });
    const { modeler } = desk;
    modeler.on('selection.changed', () => this.show());
    modeler.on('import.done', () => this.show());
    modeler.on('elements.changed', ({ elements }) => this.changed(elements));
  }

  /** The one chosen element, else the process. */
  chosen() {
    const chosen = this.desk.modeler.get('selection').get();
    if (chosen.length > 1) return null;
    return target(chosen[0]) ?? this.whole();
  }

  /** With nothing chosen: the process, which a collaboration keeps in its pool. */
  whole() {
    const root = this.desk.modeler.get('canvas').getRootElement();
    const pools = root.children?.filter((one) => one.type === 'bpmn:Participant' && one.businessObject.processRef) ?? [];
    // Between two files the canvas has a root of nothing.
    return pools[0] ?? (root.businessObject ? root : null);
  }

  changed(elements) {
    if (this.desk.quiet) return;
    const touched = elements.some((one) => one === this.element || one.type === 'bpmn:SequenceFlow' || one === this.element?.source);
    if (touched) this.refresh();
  }

  refresh() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.show());
  }

  show() {
    if (!this.desk.modeler.getDefinitions()) return;
    commitTyped(this.container);
    const focused = focusOf(this.container);
    const element = this.chosen();
    const scrolled = element === this.element ? this.container.scrollTop : 0;
    this.element = element;
    fill(this.container, ...(element ? this.sections(element) : [note(t('选择元素查看设置。'))]));
    this.container.scrollTop = scrolled;
    focusAgain(this.container, focused);
  }

  sections(element) {
    const { desk } = this;
    const own = BY_TYPE[element.type]?.(desk, element) ?? [];
    const events = /Event$|ReceiveTask$/.test(element.type) ? eventSections(desk, element) : [];
    const gateway = element.type.endsWith('Gateway') ? gatewaySections(desk, element) : [];
    const findings = desk.findings?.about(element) ?? null;
    const head = h('h2', {}, kindOf(desk, element));
    return [head, findings, ...own, ...events, ...gateway, ...loopSections(desk, element), ...answerSections(desk, element), generalSection(desk, element)];
  }
}

/** A label belongs to what it labels. */
const target = (element) => element?.labelTarget ?? element;

function kindOf(desk, element) {
  const kind = element.type.replace('bpmn:', '');
  return desk.words.kinds[kind] ?? kind.replace(/([a-z])([A-Z])/g, '$1 $2');
}

function commitTyped(container) {
  for (const control of container.querySelectorAll('input, textarea')) control.commitNow?.();
}

/** Rebuilding must not throw out who is typing: the n-th control keeps the focus. */
function focusOf(container) {
  const controls = [...container.querySelectorAll('input, select, textarea, button')];
  const at = controls.indexOf(document.activeElement);
  if (at < 0) return null;
  const { selectionStart, selectionEnd } = controls[at];
  return { at, selectionStart, selectionEnd };
}

function focusAgain(container, focused) {
  if (!focused) return;
  const control = container.querySelectorAll('input, select, textarea, button')[focused.at];
  control?.focus({ preventScroll: true });
  if (control?.setSelectionRange && control.type === 'text') control.setSelectionRange(focused.selectionStart, focused.selectionEnd);
}
