// The process as a whole: numbering, categories, the citizen's limit, where a case begins.
import { button, h } from '../dom.js';
import { govOf, modelOf } from '../gov.js';
import { all } from '../graph.js';
import { say, t } from '../words.js';
import { check, note, section, select, span, text } from './controls.js';

export function processSections(desk, element) {
  const model = modelOf(element);
  if (model.$type !== 'bpmn:Process') return [];
  const gov = govOf(model, 'gov:Process') ?? {};
  const set = (properties) => desk.changes.setGov(element, model, 'gov:Process', properties);
  const tasks = all(desk.modeler).filter((one) => one.type === 'bpmn:UserTask');
  const choices = tasks.map((one) => [one.id, one.businessObject.name || one.id]);
  return [
    section(t('流程设置'),
      text(t('编号前缀'), gov.numberPrefix, (numberPrefix) => set({ numberPrefix: numberPrefix.trim() }), {
        help: t('事项编号写作“{prefix}〔2026〕0001”。', { prefix: gov.numberPrefix || t('前缀') }), maxLength: 20,
      }),
      span(t('答复时限（自登记起）'), gov.limit, gov.limitUnit, desk.words.limitUnits, (limit, limitUnit) => set({ limit, limitUnit: limit && limitUnit })),
      select(t('用哪个环节登记'), gov.opens, [['', t('（开始后的第一个人工环节）')], ...choices], (opens) => set({ opens })),
      text(t('类型'), gov.caseType, (caseType) => set({ caseType: caseType.trim() }), { mono: true, help: t('统计和升级表用它区分流程。') }),
      check(t('可以运行'), model.isExecutable === true, (yes) => desk.changes.set(element, model, { isExecutable: yes }))),
    section(t('事项类别'), ...categories(desk, gov, tasks)),
  ];
}

/** Categories are the choices of the field that fills the case's category. */
function categories(desk, gov, tasks) {
  const first = tasks.find((one) => one.id === gov.opens) ?? tasks[0];
  const key = first && govOf(modelOf(first), 'gov:Task')?.form;
  const fields = (desk.forms.definition(key)?.groups ?? []).flatMap((group) => group.fields ?? []);
  const field = fields.find((one) => one.sets === 'category');
  if (!field) return [note(t('登记表单里还没有填入“事项类别”的字段。'))];
  return [
    note(t('来自《{form}》的“{field}”，共 {count} 类。', { form: desk.forms.title(key), field: say(field.label), count: field.choices?.length ?? 0 })),
    h('p', { class: 'tags' }, (field.choices ?? []).map((choice) => h('span', { class: 'count' }, say(choice.label)))),
    button(t('修改类别…'), () => desk.openForm(key, field.name)),
  ];
}

export function laneSections(desk, element) {
  const model = modelOf(element);
  const gov = govOf(model, 'gov:Lane') ?? {};
  const set = (properties) => desk.changes.setGov(element, model, 'gov:Lane', properties);
  return [section(t('泳道里的环节由谁办'),
    select(t('角色'), gov.role, [['', t('（未指定）')], ...desk.words.roles], (role) => set({ role })),
    select(t('层级'), gov.level, [['', t('（未指定）')], ...desk.words.levels], (level) => set({ level })),
    note(t('环节自己没有写角色或层级时，用这里的。')))];
}
