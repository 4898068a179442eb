// The diagram editor: bpmn-js in our language, with our namespace, without what cannot run.
import BpmnModeler from 'bpmn-js/lib/Modeler';
import chinese from 'bpmn-js-i18n-zh/lib/bpmn-js';
import gov from '../diagrams/gov-moddle.json';
import { english } from './words.js';
import { OURS } from './bpmn_words.js';

const NEVER_RUNS = /complex-gateway|transaction|ad-?hoc|-link-|compensation|conditional|cancel-/;
const WORDS = { ...chinese, ...OURS };

/** bpmn-js asks for every text of its own here. */
function translate(template, values = {}) {
  const text = english ? template : WORDS[template] ?? template;
  return text.replace(/{([^}]+)}/g, (whole, name) => values[name] ?? whole);
}

/** Replacement menus do not offer what the engine refuses. */
class Runnable {
  constructor(popupMenu) {
    popupMenu.registerProvider('bpmn-replace', 500, this);
    popupMenu.registerProvider('bpmn-append', 500, this);
    popupMenu.registerProvider('bpmn-create', 500, this);
  }

  getPopupMenuEntries() {
    return (entries) => Object.fromEntries(Object.entries(entries).filter(([id]) => !NEVER_RUNS.test(id)));
  }
}
Runnable.$inject = ['popupMenu'];

/** The palette says nothing to who points at it, unless its entries bring their own title. */
function told(entry) {
  return entry.title ? { ...entry, html: `<div class="entry" draggable="true" title="${entry.title}"></div>` } : entry;
}

/** A step that one adds is a person's: a user task, which has a form, a role and clocks. */
class PeopleFirst {
  constructor(contextPad, palette, elementFactory, create, autoPlace) {
    Object.assign(this, { elementFactory, create, autoPlace });
    contextPad.registerProvider(500, this);
    palette.registerProvider(500, this);
  }

  task() {
    return this.elementFactory.createShape({ type: 'bpmn:UserTask' });
  }

  getContextPadEntries(element) {
    return (entries) => {
      const entry = entries['append.append-task'];
      if (!entry) return entries;
      const start = (event) => this.create.start(event, this.task(), { source: element });
      const click = () => this.autoPlace.append(element, this.task());
      return { ...entries, 'append.append-task': { ...entry, className: 'bpmn-icon-user-task', action: { dragstart: start, click } } };
    };
  }

  getPaletteEntries() {
    return (entries) => {
      // Drawn data carry nothing here: what steps know comes from forms, tables and scripts.
      const { 'create.task': entry, 'create.data-object': _object, 'create.data-store': _store, ...rest } = entries;
      if (!entry) return rest;
      const start = (event) => this.create.start(event, this.task());
      const ours = { ...rest, 'create.task': { ...entry, className: 'bpmn-icon-user-task', action: { dragstart: start, click: start } } };
      return Object.fromEntries(Object.entries(ours).map(([id, one]) => [id, told(one)]));
    };
  }
}
PeopleFirst.$inject = ['contextPad', 'palette', 'elementFactory', 'create', 'autoPlace'];

export function createModeler(container) {
  return new BpmnModeler({
    container,
    moddleExtensions: { gov },
    additionalModules: [
      { translate: ['value', translate] },
      { __init__: ['runnable', 'peopleFirst'], runnable: ['type', Runnable], peopleFirst: ['type', PeopleFirst] },
    ],
  });
}
