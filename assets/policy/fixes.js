// Fixes that one press makes; each is one step of undo. Most come with the finding; these need
// the picture, or a new file, and are offered only where almost everybody would do the same.
import { govOf, modelOf } from './gov.js';
import { branchName, makeDefault, outgoing } from './panel/branches.js';
import { served } from './served.js';
import { t } from './words.js';

/** `[{words, act}]` for a finding: what the check offers, else what we know for its rule. */
export function fixesFor(desk, finding) {
  const offered = (finding.fixes ?? []).map((fix) => served(desk, fix)).filter(Boolean);
  if (offered.length || finding.file !== desk.diagram.path) return offered;
  const element = desk.elementOf(finding.element);
  return element && Object.hasOwn(RULES, finding.rule) ? RULES[finding.rule](desk, element, finding).filter(Boolean) : [];
}

const setTask = (desk, element, properties) => desk.changes.setGov(element, modelOf(element), 'gov:Task', properties);

/** Of several branches without a condition any may be what remains. */
function defaults(desk, element) {
  const free = outgoing(element).filter((flow) => !flow.businessObject.conditionExpression?.body);
  return free.map((flow) => ({
    words: t('设为默认：{name}', { name: branchName(flow) }),
    act: () => makeDefault(desk, element, flow),
  }));
}

function end(desk, element) {
  const act = () => desk.changes.together(() => {
    const shape = desk.modeler.get('elementFactory').createShape({ type: 'bpmn:EndEvent' });
    desk.modeler.get('autoPlace').append(element, shape);
    desk.changes.own(shape, { name: t('结束') });
  });
  return [{ words: t('接一个结束事件'), act }];
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

/** A step that nobody does takes whoever does the step before it. */
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

/** One of several ways is chosen at a gateway; the ways that leave the step leave the gateway. */
function choice(desk, element) {
  const act = () => desk.changes.together(() => {
    const ways = [...outgoing(element)];
    const shape = desk.modeler.get('elementFactory').createShape({ type: 'bpmn:ExclusiveGateway' });
    const gateway = desk.modeler.get('autoPlace').append(element, shape);
    for (const flow of ways) desk.modeler.get('modeling').reconnectStart(flow, gateway, { x: gateway.x + gateway.width, y: gateway.y + gateway.height / 2 });
  });
  return [{ words: t('在后面加一个排他网关'), act }];
}

const RULES = {
  'both-ways-taken': choice,
  'missing-condition': defaults,
  'dead-end': end,
  'message-without-name': messageName,
  'not-executable': executable,
  'no-form': form,
  'unknown-form': form,
  'no-role': role,
  'empty-loop': noLoop,
  'join-waits-for-ever': parallelJoin,
};
