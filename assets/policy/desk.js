// The policy desk: what the parts of the editor know of each other.
import { Changes, govOf, modelOf } from './gov.js';
import { Coverage } from './coverage.js';
import { createModeler } from './modeler.js';
import { Diagram } from './diagram.js';
import { Findings } from './findings.js';
import { Forms } from './forms.js';
import { Panel } from './panel.js';
import { Tables } from './tables.js';
import { showBeginning } from './views.js';
import { choices, names } from './vocabulary.js';

export class Desk {
  /** `place` gives the page's parts by name. */
  constructor(draft, place) {
    Object.assign(this, { draft, place });
    this.words = choices(draft.context);
    this.names = names(this.words);
    this.forms = new Forms(draft);
    this.tables = new Tables(draft);
    this.modeler = createModeler(place('canvas'));
    this.changes = new Changes(this.modeler);
    this.diagram = new Diagram(this.modeler, draft);
    this.panel = new Panel(this, place('panel'));
    this.findings = new Findings(this, place('findings'), place('count'));
    this.coverage = new Coverage(this, place('coverage'), place('covered'));
    this.quiet = false;
    draft.on('changed', ({ source }) => source !== 'diagram' && this.refresh());
    draft.on('replaced', () => this.refresh());
  }

  refresh() {
    this.panel.refresh();
  }

  /** Make a change that the panel itself shows already. */
  quietly(act) {
    this.quiet = true;
    try {
      act();
    } finally {
      this.quiet = false;
    }
  }

  /** Say something that went wrong or was done, where screen readers hear it. */
  say(words) {
    this.place('said').textContent = words;
    clearTimeout(this.silence);
    this.silence = setTimeout(() => { this.place('said').textContent = ''; }, 8000);
  }

  /** Let everything that was done reach the server. */
  async settle() {
    document.activeElement?.blur();
    await this.diagram.write();
    await (await this.tabs.parts.table)?.write();
    await this.draft.save();
  }

  select(element) {
    this.modeler.get('selection').select(element);
    this.modeler.get('canvas').scrollToElement(element, 120);
  }

  /** The element of an id; a process in a collaboration is its pool. */
  elementOf(id) {
    const registry = this.modeler.get('elementRegistry');
    return registry.get(id) ?? registry.find(({ businessObject }) => id && businessObject?.processRef?.id === id);
  }

  /** Open a diagram where it is not open, and choose an element in it. */
  async go(path, id) {
    this.tabs.show('diagram');
    if (path !== this.diagram.path && path in this.draft.files) await this.openDiagram(path);
    const element = this.elementOf(id);
    if (!element) return;
    const canvas = this.modeler.get('canvas');
    if (element === canvas.getRootElement()) this.modeler.get('selection').select([]);
    else this.select(element);
  }

  async openDiagram(path) {
    await this.diagram.write();
    const warnings = await this.diagram.open(path);
    showBeginning(this.modeler);
    return warnings;
  }

  openForm(key, field) {
    this.tabs.show('form', { key, field });
  }

  openTable(path, decision) {
    return this.tabs.show('table', { path, decision });
  }

  openDecision(ref) {
    const found = this.tables.find(ref);
    if (found) this.openTable(found.path, found.id);
  }

  /** Make a form for a step, let the step refer to it, and open it. */
  newForm(use, title = modelOf(this.panel.element)?.name) {
    const key = this.forms.create(title);
    use(key);
    this.openForm(key);
  }

  newTable(use) {
    const ref = this.tables.create(modelOf(this.panel.element)?.name);
    use(ref);
    this.openDecision(ref);
  }

  /** Role and level that an element's lanes give it, the innermost first. */
  laneOf(element) {
    const found = { role: '', level: '' };
    for (const lane of this.lanesAround(element)) {
      const gov = govOf(lane, 'gov:Lane');
      found.role ||= gov?.role ?? '';
      found.level ||= gov?.level ?? '';
    }
    return found;
  }

  lanesAround(element) {
    const model = element.businessObject;
    const all = [];
    const visit = (sets, around) => {
      for (const lane of sets?.flatMap((set) => set.lanes ?? []) ?? []) {
        const path = [lane, ...around];
        if (lane.flowNodeRef?.includes(model)) all.push(...path.filter((one) => !all.includes(one)));
        if (lane.childLaneSet) visit([lane.childLaneSet], path);
      }
    };
    let holder = model.$parent;
    while (holder && !holder.laneSets) holder = holder.$parent;
    visit(holder?.laneSets, []);
    return all;
  }

  /** Who does a step: its own role and level, else its lane's. */
  roleOf(element) {
    const gov = govOf(modelOf(element), 'gov:Task') ?? {};
    const lane = this.laneOf(element);
    return { role: gov.role || lane.role, level: gov.level || lane.level };
  }
}
