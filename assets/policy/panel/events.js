// Events: what they wait for or throw, and the button that a message is on screen.
import { govOf, modelOf } from '../gov.js';
import { definitionsOf } from '../gov.js';
import { t } from '../words.js';
import { note, section, select, text } from './controls.js';
import { formChoice } from './task.js';
import { timerSection } from './timers.js';

const REFERRING = {
  'bpmn:MessageEventDefinition': ['messageRef', 'bpmn:Message', '消息'],
  'bpmn:SignalEventDefinition': ['signalRef', 'bpmn:Signal', '信号'],
  'bpmn:ErrorEventDefinition': ['errorRef', 'bpmn:Error', '错误'],
  'bpmn:EscalationEventDefinition': ['escalationRef', 'bpmn:Escalation', '升级'],
};
const CODES = { 'bpmn:Error': 'errorCode', 'bpmn:Escalation': 'escalationCode' };
const CATCHING = new Set(['bpmn:StartEvent', 'bpmn:IntermediateCatchEvent', 'bpmn:BoundaryEvent']);
const NEW = '+';

export function eventSections(desk, element) {
  const model = modelOf(element);
  const sections = (model.eventDefinitions ?? []).map((event) => (
    event.$type === 'bpmn:TimerEventDefinition' ? timerSection(desk, element, event) : reference(desk, element, model, event)
  ));
  const isMessage = (model.eventDefinitions ?? []).some((event) => event.$type === 'bpmn:MessageEventDefinition');
  if (isMessage && CATCHING.has(element.type)) sections.push(pressing(desk, element, model));
  return sections;
}

function reference(desk, element, model, event) {
  const [property, type, title] = REFERRING[event.$type] ?? [];
  if (!property) return null;
  const roots = definitionsOf(model).rootElements.filter((one) => one.$type === type);
  const chosen = event[property];
  const choices = [['', t('（未指定）')], ...roots.map((one) => [one.id, one.name || one.id]), [NEW, t('新建…')]];
  const choose = (id) => {
    if (id === NEW) create(desk, element, event, property, type, model);
    else desk.changes.set(element, event, { [property]: roots.find((one) => one.id === id) });
  };
  return section(t(title),
    select(t(title), chosen?.id, choices, choose),
    chosen && text(t('名称'), chosen.name, (name) => desk.changes.set(element, chosen, { name: name.trim() })),
    chosen && CODES[type] && text(t('代码'), chosen[CODES[type]], (code) => desk.changes.set(element, chosen, { [CODES[type]]: code.trim() }), { mono: true }));
}

function create(desk, element, event, property, type, model) {
  const name = model.name || t('新的名称');
  const { changes } = desk;
  changes.together(() => {
    const code = CODES[type] ? { [CODES[type]]: model.id } : {};
    const made = changes.root(element, type, name, code);
    changes.set(element, event, { [property]: made });
  });
}

/** A message that a person sends is a button on the case's page. */
function pressing(desk, element, model) {
  const gov = govOf(model, 'gov:Message') ?? {};
  const set = (properties) => desk.changes.setGov(element, model, 'gov:Message', properties);
  return section(t('谁可以点这个按钮'),
    note(t('事项走到能收到这条消息的地方时，这个角色的页面上有这个按钮。')),
    select(t('角色'), gov.role, [['', t('（没有按钮，由其他系统发来）')], ...desk.words.roles], (role) => set({ role })),
    select(t('层级'), gov.level, [['', t('（当前办理层级）')], ...desk.words.levels], (level) => set({ level })),
    ...formChoice(desk, gov.form, (form) => set({ form })));
}
