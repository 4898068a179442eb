// The draft's forms by key: `ticket/report` is the file `forms/ticket/report.json`.
import { say, t } from './words.js';

export class Forms {
  constructor(draft) {
    this.draft = draft;
    this.read = new Map();
  }

  keys() {
    return this.draft.paths('.json').filter((path) => path.startsWith('forms/')).map((path) => path.slice(6, -5));
  }

  path(key) {
    return `forms/${key}.json`;
  }

  has(key) {
    return this.path(key) in this.draft.files;
  }

  /** The definition as it is written, or null where it cannot be read; read once a text. */
  definition(key) {
    const text = this.draft.files[this.path(key)];
    if (text === undefined) return null;
    const known = this.read.get(key);
    if (known?.text === text) return known.definition;
    let definition = null;
    try {
      definition = JSON.parse(text);
    } catch {
      // The check says what is wrong with it.
    }
    this.read.set(key, { text, definition });
    return definition;
  }

  title(key) {
    return say(this.definition(key)?.title) || key;
  }

  choices() {
    return this.keys().map((key) => [key, this.title(key)]);
  }

  put(key, definition) {
    this.draft.put(this.path(key), write(definition), { source: 'form' });
  }

  /** A new form with one question, under a key that is free; gives the key. */
  create(title) {
    let number = this.keys().length + 1;
    while (this.has(`${this.draft.process}/form_${number}`)) number += 1;
    const key = `${this.draft.process}/form_${number}`;
    const label = { zh_CN: '办理情况', en: 'What was done' };
    const fields = [{ name: `result_${number}`, kind: 'textarea', label, required: true }];
    this.put(key, { key, title: { zh_CN: title || t('新表单'), en: 'New form' }, groups: [{ fields }] });
    return key;
  }

  remove(key) {
    this.draft.put(this.path(key), null, { source: 'form' });
  }
}

const NARROW = 110;

/** JSON as the shipped forms are written: what fits on a line stands on one. */
export function write(value) {
  return `${lines(value, '')}\n`;
}

function lines(value, indent) {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const flat = flatten(value);
  const simple = !Object.values(value).some((one) => one !== null && typeof one === 'object' && !('zh_CN' in one));
  if (simple && flat.length + indent.length <= NARROW) return flat;
  const inner = `${indent}  `;
  const parts = Array.isArray(value)
    ? value.map((one) => inner + lines(one, inner))
    : Object.entries(value).map(([key, one]) => `${inner}${JSON.stringify(key)}: ${lines(one, inner)}`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return parts.length ? `${open}\n${parts.join(',\n')}\n${indent}${close}` : open + close;
}

function flatten(value) {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(flatten).join(', ')}]`;
  return `{${Object.entries(value).map(([key, one]) => `${JSON.stringify(key)}: ${flatten(one)}`).join(', ')}}`;
}
