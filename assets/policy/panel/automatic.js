// Steps that nobody does: named actions, decision tables, calculations, called processes.
import { button } from '../dom.js';
import { govOf, modelOf } from '../gov.js';
import { quote, unquote } from '../conditions.js';
import { t } from '../words.js';
import { note, section, select, several, text } from './controls.js';

export function actionSections(desk, element) {
  const model = modelOf(element);
  const gov = govOf(model, 'gov:Action');
  const known = desk.words.actions.find(({ name }) => name === gov?.name);
  const choices = [['', t('（未指定）')], ...desk.words.actions.map(({ name, title }) => [name, title])];
  const choose = (name) => desk.changes.setGov(element, model, 'gov:Action', { name });
  return [section(t('系统动作'),
    select(t('做什么'), gov?.name, choices, choose),
    ...(known ? [...known.required, ...known.optional].map((name) => argument(desk, element, gov, name, known)) : []))];
}

const LISTED = { role: 'roles', level: 'levels', to: 'levels', unit: 'limitUnits' };
const IS_TEXT = /^"(?:[^"\\]|\\.)*"$/;

function argument(desk, element, gov, name, { name: action, required }) {
  const value = gov.params?.find((param) => param.name === name)?.value ?? '';
  const label = `${desk.names.params[name] ?? name}${required.includes(name) ? ' *' : ''}`;
  const put = (next) => setParam(desk, element, gov, name, next);
  const listed = LISTED[name] && !(name === 'unit' && action !== 'set_limit');
  if (listed && (value === '' || IS_TEXT.test(value))) {
    const choices = desk.words[LISTED[name]].map(([each, words]) => [quote(each), words]);
    return select(label, value, [['', t('（未指定）')], ...choices], put);
  }
  if (value === '' || IS_TEXT.test(value)) {
    return text(label, unquote(value), (words) => put(asFeel(words)), { help: t('直接写文字；要用字段的值，以 = 开头写 FEEL。') });
  }
  return text(label, `= ${value}`, (words) => put(asFeel(words)), { mono: true });
}

/** What is typed after an equals sign is FEEL, all else a text. */
function asFeel(words) {
  const typed = words.trim();
  if (typed.startsWith('=')) return typed.slice(1).trim();
  return typed === '' ? '' : quote(typed);
}

function setParam(desk, element, gov, name, value) {
  const rest = (gov.params ?? []).filter((param) => param.name !== name);
  const made = value === '' ? [] : [desk.changes.make('gov:Param', { name, value })];
  for (const one of made) one.$parent = gov;
  desk.changes.set(element, gov, { params: [...rest, ...made] });
}

export function decisionSections(desk, element) {
  const model = modelOf(element);
  const gov = govOf(model, 'gov:Decision') ?? {};
  const set = (properties) => desk.changes.setGov(element, model, 'gov:Decision', properties);
  const choices = desk.tables.decisions().map(({ id, name }) => [id, name || id]);
  const outputs = new Set(desk.tables.outputs(gov.ref).map(({ name }) => name));
  const settings = desk.words.settings.filter(([name]) => outputs.has(name));
  return [section(t('决策表'),
    select(t('用哪张表'), gov.ref, [['', t('（未指定）')], ...choices], (ref) => set({ ref })),
    gov.ref ? button(t('打开决策表…'), () => desk.openDecision(gov.ref)) : button(t('新建决策表…'), () => desk.newTable((ref) => set({ ref }))),
    several(t('写入事项'), (gov.sets ?? '').split(/[\s,]+/).filter(Boolean), settings, (names) => set({ sets: names.join(' ') }), {
      empty: t('这张表没有可以写入事项的输出列。'),
    }),
    text(t('结果放进变量'), gov.result, (result) => set({ result: result.trim() }), { mono: true, help: t('后面的条件用到整个结果时才填。') }))];
}

export function scriptSections(desk, element) {
  const model = modelOf(element);
  const put = (script) => desk.changes.set(element, model, { script, scriptFormat: model.scriptFormat });
  return [section(t('计算'), text(t('每行一个：变量名 = 表达式（FEEL）'), model.script, put, { rows: 4, mono: true }))];
}

export function callSections(desk, element) {
  const model = modelOf(element);
  return [section(t('调用流程'),
    text(t('流程编号'), model.calledElement, (calledElement) => desk.changes.set(element, model, { calledElement: calledElement.trim() }), { mono: true }),
    note(t('被调用的流程要在同一个草稿里。')))];
}
