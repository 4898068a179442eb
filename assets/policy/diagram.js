// One .bpmn file of the draft on the canvas: opened, watched, written back as it changes.
import { keeper } from './kept.js';
import { t } from './words.js';

const PAUSE = 50;

export class Diagram {
  constructor(modeler, draft) {
    Object.assign(this, { modeler, draft });
    this.keep = (xml) => xml;
    modeler.on('commandStack.changed', () => this.changed());
    draft.on('replaced', ({ path }) => path === this.path && this.open(path));
    document.addEventListener('visibilitychange', () => document.hidden && this.write());
  }

  /** Show a file; gives what could not be read as the modeler understands it. */
  async open(path) {
    this.path = path;
    return this.show(this.draft.files[path]);
  }

  async show(given) {
    clearTimeout(this.timer);
    this.dirty = false;
    this.opening = true;
    try {
      const xml = await drawn(given);
      const { warnings } = await this.modeler.importXML(xml);
      this.keep = keeper(given, (await this.modeler.saveXML({ format: true })).xml);
      return warnings;
    } finally {
      this.opening = false;
    }
  }

  changed() {
    if (this.opening) return;
    clearTimeout(this.timer);
    this.dirty = true;
    this.timer = setTimeout(() => this.write(), PAUSE);
  }

  /** The file as it would be saved now. */
  async xml() {
    const { xml } = await this.modeler.saveXML({ format: true });
    // Names may hold carriage returns, which are written as they are; a parser would drop them.
    return this.keep(xml.replaceAll('\r', '&#13;'));
  }

  async write() {
    clearTimeout(this.timer);
    if (!this.dirty || this.opening) return;
    this.dirty = false;
    this.draft.put(this.path, await this.xml(), { source: 'diagram' });
  }
}

/** A file without a picture gets one. */
async function drawn(xml) {
  if (/BPMNShape|BPMNEdge/.test(xml)) return xml;
  const { layoutProcess } = await import('bpmn-auto-layout');
  try {
    return await layoutProcess(xml);
  } catch (error) {
    throw new Error(t('流程图无图形信息，无法自动排版：{reason}', { reason: error.message }), { cause: error });
  }
}
