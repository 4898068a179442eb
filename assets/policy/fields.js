// What a condition may ask for: fields of earlier forms, results of earlier tables and scripts.
import { govOf, modelOf } from './gov.js';
import { all, before } from './graph.js';
import { say, t } from './words.js';

const ASSIGNS = /^\s*([\p{L}_][\p{L}\p{N}_]*)\s*=/u;
const SILENT = new Set(['note', 'files', 'position']);
const OF_CASE = [
  ['case.level', '当前办理层级', 'choice'], ['case.category', '事项类别', 'text'],
  ['case.priority', '紧急程度', 'text'], ['case.risk', '风险等级', 'text'], ['case.department', '承办部门', 'text'],
];

/** Groups `{title, fields: [{name, label, kind, choices}]}` that are set before `element`. */
export function fieldsBefore(desk, element) {
  const steps = before(element);
  // A condition on an element that nothing leads to yet may use whatever there is.
  const known = steps.length ? steps : all(desk.modeler);
  const groups = known.map((step) => groupOf(desk, step)).filter(({ fields }) => fields.length);
  return [...merged(groups), { title: t('事项本身'), fields: OF_CASE.map((one) => ofCase(desk, one)) }];
}

function ofCase(desk, [name, label, kind]) {
  const choices = name === 'case.level' ? desk.words.levels.map(([value, words]) => ({ value, label: words })) : [];
  return { name, label: t(label), kind, choices };
}

/** One form used by several steps is one group. */
function merged(groups) {
  return [...new Map(groups.map((group) => [group.title, group])).values()];
}

function groupOf(desk, step) {
  const model = modelOf(step);
  const form = (govOf(model, 'gov:Task') ?? govOf(model, 'gov:Message'))?.form;
  if (form) return { title: desk.forms.title(form), fields: formFields(desk.forms.definition(form)) };
  if (model.script) return { title: model.name || model.id, fields: model.script.split('\n').map(assigned).filter(Boolean) };
  const decision = govOf(model, 'gov:Decision');
  if (decision) return { title: model.name || model.id, fields: decided(desk, decision) };
  return { title: '', fields: [] };
}

const assigned = (line) => {
  const name = ASSIGNS.exec(line)?.[1];
  return name && { name, label: name, kind: 'any', choices: [] };
};

function decided(desk, decision) {
  if (decision.result) return [{ name: decision.result, label: decision.result, kind: 'any', choices: [] }];
  return desk.tables.outputs(decision.ref).map(({ name, label }) => ({ name, label: label || name, kind: 'any', choices: [] }));
}

export function formFields(definition) {
  const fields = (definition?.groups ?? []).flatMap((group) => group.fields ?? []);
  return fields.filter(({ kind }) => !SILENT.has(kind)).map(({ name, label, kind, choices }) => ({
    name, label: say(label) || name, kind, choices: (choices ?? []).map((one) => ({ value: one.value, label: say(one.label) })),
  }));
}
