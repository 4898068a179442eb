// The draft's decision tables: which decisions there are, and what they give.
import { t } from './words.js';

const parse = (xml) => new DOMParser().parseFromString(xml, 'application/xml');
const inner = (element, name) => [...element.getElementsByTagNameNS('*', name)];

export class Tables {
  constructor(draft) {
    this.draft = draft;
    this.read = new Map();
  }

  /** Every decision as {id, name, path, outputs: [{name, label}]}. */
  decisions() {
    return this.draft.paths('.dmn').flatMap((path) => this.inFile(path));
  }

  inFile(path) {
    const text = this.draft.files[path];
    const known = this.read.get(path);
    if (known?.text === text) return known.found;
    const found = inner(parse(text), 'decision').map((decision) => ({
      path,
      id: decision.getAttribute('id'),
      name: decision.getAttribute('name'),
      outputs: inner(decision, 'output').map((one) => ({ name: one.getAttribute('name') ?? '', label: one.getAttribute('label') })),
    }));
    this.read.set(path, { text, found });
    return found;
  }

  /** A diagram names a decision by its id or by its name. */
  find(ref) {
    return this.decisions().find(({ id, name }) => ref && (id === ref || name === ref));
  }

  outputs(ref) {
    return this.find(ref)?.outputs ?? [];
  }

  /** A new table with one input and one output in a file of its own; gives the decision's id. */
  create(name) {
    const { draft } = this;
    let number = this.decisions().length + 1;
    while (this.find(`${draft.process}_table_${number}`)) number += 1;
    const id = `${draft.process}_table_${number}`;
    draft.put(`processes/${draft.process}/table_${number}.dmn`, blank(id, name || t('新决策表')), { source: 'table' });
    return id;
  }
}

const escaped = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;');

function blank(id, name) {
  return `<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="${id}_definitions" name="${escaped(name)}" namespace="urn:fengqiao:decisions">
  <decision id="${id}" name="${escaped(name)}">
    <decisionTable id="${id}_table" hitPolicy="FIRST">
      <input id="${id}_in_1" label="事项类别">
        <inputExpression id="${id}_in_1_expr" typeRef="string">
          <text>category</text>
        </inputExpression>
      </input>
      <output id="${id}_out_1" label="承办部门" name="department" typeRef="string" />
      <rule id="${id}_r01">
        <inputEntry id="${id}_r01_in">
          <text>-</text>
        </inputEntry>
        <outputEntry id="${id}_r01_out">
          <text>""</text>
        </outputEntry>
      </rule>
    </decisionTable>
  </decision>
</definitions>
`;
}
