// Fixes that one press makes, by the rule of the finding; each is one step of undo.
// A fix is offered only where it is what almost everybody would do by hand.
import { govOf, modelOf } from './gov.js';
import { branchName, makeDefault, outgoing } from './panel/branches.js';
import { say, t } from './words.js';

const WARNABLE = 2;

/** `[{words, act}]` for a finding of the diagram that is open. */
export function fixesFor(desk, finding) {
  if (finding.file !== desk.diagram.path) return [];
  const element = desk.modeler.get('elementRegistry').get(finding.element);
  const served = (finding.fixes ?? []).map((fix) => fromServer(desk, element, fix)).filter(Boolean);
  if (served.length) return served;
  return element && Object.hasOwn(RULES, finding.rule) ? RULES[finding.rule](desk, element, finding).filter(Boolean) : [];
}

/** The check may itself name a change: `{text, attribute|condition, value}` of the element. */
function fromServer(desk, element, { text, attribute, value, condition }) {
  const model = element && modelOf(element);
  if (condition !== undefined && element) {
    return { words: say(text), act: () => desk.changes.set(element, model, { conditionExpression: desk.changes.expression(model, condition) }) };
  }
  if (!attribute || !element) return null;
  return { words: say(text), act: () => setTask(desk, element, { [attribute]: value }) };
}

const setTask = (desk, element, properties) => desk.changes.setGov(element, modelOf(element), 'gov:Task', properties);

function remove(desk, element) {
  return [{ words: t('删去它'), act: () => desk.modeler.get('modeling').removeElements([element]) }];
}

/** Branches that could be what remains: of those without a condition, else of all. */
function defaults(desk, element) {
  const gateway = element.type === 'bpmn:SequenceFlow' ? element.source : element;
  const ways = outgoing(gateway);
  const free = ways.filter((flow) => !flow.businessObject.conditionExpression?.body);
  return (free.length ? free : ways).slice(0, 2).map((flow) => ({
    words: t('设为默认：{name}', { name: branchName(flow) }),
    act: () => makeDefault(desk, gateway, flow),
  }));
}

function withoutCondition(desk, element) {
  const flow = element.type === 'bpmn:SequenceFlow' ? element
    : outgoing(element).find((one) => one.businessObject === element.businessObject.default);
  if (!flow) return [];
  return [{ words: t('删去条件'), act: () => desk.changes.set(flow, flow.businessObject, { conditionExpression: undefined }) }];
}

function end(desk, element) {
  const act = () => {
    const shape = desk.modeler.get('elementFactory').createShape({ type: 'bpmn:EndEvent' });
    desk.modeler.get('autoPlace').append(element, shape);
  };
  return [{ words: t('接一个结束事件'), act }];
}

function limitUnit(desk, element) {
  return [{ words: t('单位设为工作日'), act: () => setTask(desk, element, { limitUnit: 'working_days' }) }];
}

function warning(desk, element) {
  const limit = Number(govOf(modelOf(element), 'gov:Task')?.limit);
  if (!limit) return [];
  if (limit < WARNABLE) return [{ words: t('不设预警'), act: () => setTask(desk, element, { warn: undefined }) }];
  return [{ words: t('提前 1 个单位预警'), act: () => setTask(desk, element, { warn: '1' }) }];
}

function returns(desk, element, { message }) {
  const chosen = (govOf(modelOf(element), 'gov:Task')?.returnTo ?? '').split(/[\s,]+/).filter(Boolean);
  const registry = desk.modeler.get('elementRegistry');
  const named = chosen.filter((id) => {
    const name = registry.get(id)?.businessObject.name;
    return message.zh_CN.includes(`“${id}”`) || (name && message.zh_CN.includes(`“${name}”`) && id !== element.id);
  });
  if (!named.length) return [];
  const returnTo = chosen.filter((id) => !named.includes(id)).join(' ');
  return [{ words: t('不再退回到那里'), act: () => setTask(desk, element, { returnTo }) }];
}

function messageName(desk, element) {
  const event = modelOf(element).eventDefinitions?.find((one) => one.$type === 'bpmn:MessageEventDefinition');
  if (!event) return [];
  const act = () => desk.changes.together(() => {
    const message = desk.changes.root(element, 'bpmn:Message', modelOf(element).name || element.id);
    desk.changes.set(element, event, { messageRef: message });
  });
  return [{ words: t('新建消息'), act }];
}

function executable(desk, element) {
  return [{ words: t('设为可以运行'), act: () => desk.changes.set(element, modelOf(element), { isExecutable: true }) }];
}

function form(desk, element) {
  if (element.type !== 'bpmn:UserTask') return [];
  const act = () => desk.newForm((key) => setTask(desk, element, { form: key }), modelOf(element).name);
  return [{ words: t('新建表单'), act }];
}

/** A step without a role in a lane whose other steps have none either takes the commonest role. */
function role(desk, element) {
  if (element.type !== 'bpmn:UserTask') return [];
  const nearest = element.incoming?.map((flow) => desk.roleOf(flow.source)).find((one) => one.role);
  if (!nearest) return [];
  const words = t('由{role}办理', { role: desk.names.roles[nearest.role] ?? nearest.role });
  return [{ words, act: () => setTask(desk, element, nearest) }];
}

function noLoop(desk, element) {
  return [{ words: t('去掉循环标记'), act: () => desk.changes.own(element, { loopCharacteristics: undefined }) }];
}

function parallelJoin(desk, element) {
  const act = () => desk.modeler.get('bpmnReplace').replaceElement(element, { type: 'bpmn:ExclusiveGateway' });
  return [{ words: t('改用排他网关汇合'), act }];
}

/** The check names the variable that was meant, where one is spelled almost like it. */
function spelling(desk, element, { message, remedy }) {
  const [, meant] = /^是不是“([^”]+)”/.exec(remedy.zh_CN) ?? [];
  const [, wrong] = /用到“([^”]+)”/.exec(message.zh_CN) ?? [];
  const body = element.businessObject.conditionExpression?.body;
  if (!meant || !wrong || !body?.includes(wrong)) return [];
  const model = element.businessObject;
  const act = () => desk.changes.set(element, model, {
    conditionExpression: desk.changes.expression(model, body.replaceAll(wrong, meant)),
  });
  return [{ words: t('改为“{name}”', { name: meant }), act }];
}

const RULES = {
  'no-default-branch': defaults,
  'missing-condition': defaults,
  'unknown-default': defaults,
  'default-with-condition': withoutCondition,
  'condition-ignored': withoutCondition,
  'dead-end': end,
  unreachable: remove,
  'limit-without-unit': limitUnit,
  'warning-too-early': warning,
  'return-not-back': returns,
  'unknown-return': returns,
  'message-without-name': messageName,
  'not-executable': executable,
  'no-form': form,
  'unknown-form': form,
  'no-role': role,
  'empty-loop': noLoop,
  'join-waits-for-ever': parallelJoin,
  'variable-never-set': spelling,
};
