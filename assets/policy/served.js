// Carries out a fix that the check itself names: through the modeler where it is about the
// diagram that is open, so that it can be undone, else in the text of its file.
import { modelOf } from './gov.js';
import { say } from './words.js';

const REFERENCES = new Set(['default']);
// Of a whole file: it goes, or becomes another.
const WHOLE = new Set(['delete', 'replace']);

/** A button for a fix of the check, or null where an element it names is not there any more. */
export function served(desk, { label, changes }) {
  const possible = changes.every((change) => WHOLE.has(change.op) || there(desk, change));
  return possible ? { words: say(label), act: () => carryOut(desk, changes) } : null;
}

const isOpen = (desk, { file }) => file === desk.diagram.path;

function there(desk, change) {
  return isOpen(desk, change) ? Boolean(desk.elementOf(change.element)) : change.file in desk.draft.files;
}

function carryOut(desk, changes) {
  const drawn = changes.filter((change) => isOpen(desk, change));
  if (drawn.length) desk.changes.together(() => drawn.forEach((change) => draw(desk, change)));
  for (const change of changes.filter((one) => !isOpen(desk, one))) {
    const text = WHOLE.has(change.op) ? change.text ?? null : written(desk.draft.files[change.file], change);
    desk.draft.put(change.file, text, { source: 'fix' });
  }
}

function draw(desk, change) {
  const element = desk.elementOf(change.element);
  // An earlier change of the same fix may have taken it away.
  if (element) DRAWN[change.op](desk, element, change);
}

const DRAWN = {
  remove: (desk, element) => desk.modeler.get('modeling').removeElements([element]),
  set: (desk, element, { name, values }) => {
    const given = plain(values);
    if (!name) desk.changes.own(element, referring(desk, given));
    else desk.changes.setGov(element, modelOf(element), `gov:${name[4].toUpperCase()}${name.slice(5)}`, given);
  },
  text: (desk, element, { name, text }) => {
    const model = modelOf(element);
    const value = name === 'conditionExpression' ? desk.changes.expression(model, text) : text ?? undefined;
    desk.changes.set(element, model, { [name]: value });
  },
};

const plain = (values) => Object.fromEntries(Object.entries(values).map(([key, value]) => [key, value ?? undefined]));

function referring(desk, values) {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => (
    [key, REFERENCES.has(key) && value ? desk.elementOf(value)?.businessObject : value])));
}

const NAMING = ['attachedToRef', 'bpmnElement', 'calledElement', 'default', 'processRef', 'sourceRef', 'targetRef'];

/** Let everything in a file that names an element name it by its new id. */
function referTo(made, old, id) {
  for (const one of made.getElementsByTagName('*')) {
    for (const key of NAMING) {
      const [, prefix, bare] = /^(.*:)?(.*)$/.exec(one.getAttribute(key) ?? '');
      if (bare === old) one.setAttribute(key, (prefix ?? '') + id);
    }
  }
}

/** The text of a file with one attribute or one inner text changed. */
function written(text, { op, element: id, name, values, text: words }) {
  const made = new DOMParser().parseFromString(text, 'application/xml');
  const element = [...made.getElementsByTagName('*')].find((one) => one.getAttribute('id') === id);
  if (!element) return text;
  const inner = name && [...element.children].find((one) => one.localName === name);
  if (op === 'remove') element.remove();
  else if (op === 'text' && inner) inner.textContent = words ?? '';
  else if (op === 'set') {
    if (!name && values.id) referTo(made, id, values.id);
    for (const [key, value] of Object.entries(values)) {
      if (value === null) (inner || element).removeAttribute(key);
      else (inner || element).setAttribute(key, value);
    }
  }
  const head = /^<\?xml[^>]*\?>\s*/.exec(text)?.[0] ?? '';
  return head + new XMLSerializer().serializeToString(made.documentElement);
}
