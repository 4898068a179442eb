// A step that is done several times: once for each of a list, or again while a condition holds.
import { govOf, modelOf } from '../gov.js';
import { t } from '../words.js';
import { section, text } from './controls.js';

export function loopSections(desk, element) {
  const model = modelOf(element);
  const loop = model.loopCharacteristics;
  if (!loop) return [];
  return [loop.$type === 'bpmn:MultiInstanceLoopCharacteristics' ? each(desk, element, loop) : again(desk, element, loop)];
}

function each(desk, element, loop) {
  const gov = govOf(loop, 'gov:Each') ?? {};
  const set = (properties) => desk.changes.setGov(element, loop, 'gov:Each', properties);
  const put = (property, body) => desk.changes.set(element, loop, { [property]: desk.changes.expression(loop, body) });
  const mono = { mono: true };
  return section(loop.isSequential ? t('逐个办理') : t('同时分给几方办理'),
    text(t('列表（FEEL）'), gov.in, (value) => set({ in: value.trim() }), { ...mono, help: t('例如表单里选的几个单位：departments') }),
    text(t('每一份叫什么'), gov.as, (value) => set({ as: value.trim() }), { ...mono, help: t('单位规则的表达式里用这个名字。') }),
    text(t('收集哪个字段'), gov.from, (value) => set({ from: value.trim() }), mono),
    text(t('收集到哪个列表'), gov.out, (value) => set({ out: value.trim() }), mono),
    text(t('办几份（不用列表时）'), loop.loopCardinality?.body, (value) => put('loopCardinality', value), mono),
    text(t('提前结束的条件（FEEL）'), loop.completionCondition?.body, (value) => put('completionCondition', value), mono));
}

function again(desk, element, loop) {
  const put = (body) => desk.changes.set(element, loop, { loopCondition: desk.changes.expression(loop, body) });
  return section(t('重复办理'),
    text(t('条件成立时再来一次（FEEL）'), loop.loopCondition?.body, put, { mono: true }),
    text(t('最多几次'), loop.loopMaximum, (value) => desk.changes.set(element, loop, { loopMaximum: Number(value) || undefined })));
}
