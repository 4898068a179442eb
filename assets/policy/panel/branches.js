// Branches: a gateway with its ways out, and one way with its condition.
import { Composer, inWords } from '../composer.js';
import { button, h } from '../dom.js';
import { fieldsBefore } from '../fields.js';
import { t } from '../words.js';
import { note, section } from './controls.js';

const CHOOSING = new Set(['bpmn:ExclusiveGateway', 'bpmn:InclusiveGateway']);

export const outgoing = (element) => (element.outgoing ?? []).filter((flow) => flow.type === 'bpmn:SequenceFlow');

/** Where a branch leads to, in words. */
export function branchName(flow) {
  const target = flow.target?.businessObject;
  return flow.businessObject.name || t('到“{name}”', { name: target?.name || target?.id || '?' });
}

export function gatewaySections(desk, element) {
  const ways = outgoing(element);
  if (!CHOOSING.has(element.type) || ways.length < 2) return [];
  const groups = fieldsBefore(desk, element);
  const rows = ways.map((flow) => branch(desk, element, flow, groups));
  return [section(t('分支'), h('div', { class: 'branches', role: 'group', 'aria-label': t('分支') }, rows),
    note(t('条件从上到下看；都不成立时走默认分支。点一条分支可以改它的条件。')))];
}

function branch(desk, gateway, flow, groups) {
  const model = flow.businessObject;
  const isDefault = gateway.businessObject.default === model;
  const condition = model.conditionExpression?.body;
  const says = isDefault ? t('默认：其他都不成立时') : condition ? inWords(groups, condition) : t('尚无条件');
  return h('div', { class: 'branch' },
    h('button', { type: 'button', class: 'branch-open', onclick: () => desk.select(flow) },
      h('strong', {}, branchName(flow)), h('span', { class: condition || isDefault ? 'muted' : 'ink-red' }, says)),
    isDefault ? null : button(t('设为默认'), () => makeDefault(desk, gateway, flow), {
      'aria-label': t('设为默认：{name}', { name: branchName(flow) }),
    }));
}

/** The default branch has no condition: it is what remains. */
export function makeDefault(desk, gateway, flow) {
  const { changes } = desk;
  changes.together(() => {
    changes.own(gateway, { default: flow.businessObject });
    if (flow.businessObject.conditionExpression) changes.set(flow, flow.businessObject, { conditionExpression: undefined });
  });
}

export function flowSections(desk, flow) {
  const { source } = flow;
  const model = flow.businessObject;
  if (!source || !mayChoose(source)) return [];
  const isDefault = source.businessObject.default === model;
  if (isDefault) {
    return [section(t('条件'), note(t('这是默认分支：其他分支都不成立时走它。')),
      button(t('取消默认'), () => desk.changes.own(source, { default: undefined })))];
  }
  const composer = new Composer(fieldsBefore(desk, flow), model.conditionExpression?.body, (feel) => {
    desk.quietly(() => desk.changes.set(flow, model, { conditionExpression: desk.changes.expression(model, feel) }));
  });
  return [section(t('什么时候走这条分支'), composer.element,
    CHOOSING.has(source.type) ? button(t('设为默认分支'), () => makeDefault(desk, source, flow)) : null)];
}

const mayChoose = (source) => CHOOSING.has(source.type)
  || (/Task$|SubProcess$|CallActivity$/.test(source.type) && outgoing(source).length > 1);
