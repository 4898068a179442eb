// A person's step: which form, who, at which level, by when, and where it may go back to.
import { button } from '../dom.js';
import { govOf, modelOf } from '../gov.js';
import { before } from '../graph.js';
import { sentence } from '../sentence.js';
import { t } from '../words.js';
import { check, note, section, select, several, span, text } from './controls.js';

const CASE = 'case';

export function taskSections(desk, element) {
  const model = modelOf(element);
  const gov = govOf(model, 'gov:Task') ?? {};
  const set = (properties) => desk.changes.setGov(element, model, 'gov:Task', properties);
  return [
    section(t('办理设置'), note(sentence(desk, element), 'prop-sentence'), ...people(desk, element, gov, set)),
    section(t('时限'), ...clocks(desk, gov, set)),
    section(t('退回和撤回'), ...ways(element, gov, set)),
    section(t('群众可见说明'), text(t('本环节办理期间显示'), gov.citizen, (citizen) => set({ citizen }), {
      rows: 2, help: t('供群众查看，不写姓名电话；留空则不显示本环节。'),
    })),
  ];
}

export function formChoice(desk, value, commit) {
  const { forms } = desk;
  return [
    select(t('表单'), value, [['', t('（没有表单，只有“完成”按钮）')], ...forms.choices()], commit),
    value && forms.has(value)
      ? button(t('编辑表单…'), () => desk.openForm(value))
      : button(t('新建表单…'), () => desk.newForm(commit)),
  ];
}

function people(desk, element, gov, set) {
  const { roles, levels } = desk.words;
  const lane = desk.laneOf(element);
  const inherited = (value, names) => (value ? t('随泳道：{what}', { what: names[value] ?? value }) : t('（未指定）'));
  return [
    ...formChoice(desk, gov.form, (form) => set({ form })),
    select(t('角色'), gov.role, [['', inherited(lane.role, desk.names.roles)], ...roles], (role) => set({ role })),
    select(t('层级'), gov.level, [['', inherited(lane.level, desk.names.levels)], ...levels], (level) => set({ level })),
    ...unitRule(gov, set),
    goesOn(element, gov, set),
    text(t('协办单位（FEEL，单位编码的列表）'), gov.helpers, (helpers) => set({ helpers: helpers.trim() }), {
      mono: true, help: t('环节打开时，这些单位各得一项协办和自己的期限。'),
    }),
  ];
}

/** Tasks whose doer gets this one, signed for; without any it waits in the role's queue. */
function goesOn(element, gov, set) {
  const chosen = (gov.assign ?? '').split(/[\s,]+/).filter(Boolean);
  const earlier = before(element).filter((one) => one.type === 'bpmn:UserTask')
    .map((one) => [one.id, one.businessObject.name || one.id]);
  const strays = chosen.filter((id) => !earlier.some(([each]) => each === id)).map((id) => [id, t('{id}（不在前面）', { id })]);
  return several(t('由办理过这些环节的人接着办'), chosen, [...earlier, ...strays], (ids) => set({ assign: ids.join(' ') }), {
    empty: t('前面无人工环节。'),
  });
}

function unitRule(gov, set) {
  const unit = gov.unit ?? '';
  const kind = unit === '' || unit === 'department' ? unit : 'feel';
  const choices = [
    ['', t('事发地在该层级的单位')],
    ['department', t('分流表指定的承办部门')],
    ['feel', t('用表达式指定')],
  ];
  const chosen = select(t('哪个单位'), kind, choices, (value) => set({ unit: value === 'feel' ? 'unit' : value }));
  if (kind !== 'feel') return [chosen];
  return [chosen, text(t('单位的表达式（FEEL）'), unit, (value) => set({ unit: value.trim() }), { mono: true })];
}

function clocks(desk, gov, set) {
  const { limitUnits } = desk.words;
  const ofCase = gov.limit === CASE;
  const handling = ofCase ? [] : [
    span(t('办理时限（签收后起算）'), gov.limit, gov.limitUnit, limitUnits, (limit, limitUnit) => set({ limit, limitUnit: limit && limitUnit })),
  ];
  return [
    check(t('按事项的时限（由时限表或动作设定）'), ofCase, (yes) => set(
      yes ? { limit: CASE, limitUnit: undefined } : { limit: '1', limitUnit: 'working_days' },
    )),
    ...handling,
    text(t('时限的起算日（FEEL，空着从签收起算）'), gov.limitFrom, (limitFrom) => set({ limitFrom: limitFrom.trim() }), {
      mono: true, help: t('法定期限填生效等日期的变量；这样的时限不因签收改变。'),
    }),
    text(t('起算日起的时限不能暂停、延期（FEEL，空着是不能）'), gov.limitFirm, (limitFirm) => set({ limitFirm: limitFirm.trim() }), {
      mono: true, help: t('法律允许扣除鉴定时间、约定延长的，写出哪些情形不能，例如 limit_from = "申请"。'),
    }),
    text(t('到期前多久提示'), gov.warn, (warn) => set({ warn: warn.trim() }), {
      help: t('填数字，单位与办理时限相同；要比办理时限小。提示几次就填几个，用空格隔开，如 10 3。'),
    }),
    span(t('签收时限'), gov.signLimit, gov.signLimitUnit, limitUnits, (signLimit, signLimitUnit) => set(
      { signLimit, signLimitUnit: signLimit && signLimitUnit },
    )),
  ];
}

function ways(element, gov, set) {
  const chosen = (gov.returnTo ?? '').split(/[\s,]+/).filter(Boolean);
  const earlier = before(element).filter((one) => one.type === 'bpmn:UserTask')
    .map((one) => [one.id, one.businessObject.name || one.id]);
  const strays = chosen.filter((id) => !earlier.some(([each]) => each === id)).map((id) => [id, t('{id}（不在前面）', { id })]);
  return [
    several(t('可以退回到'), chosen, [...earlier, ...strays], (ids) => set({ returnTo: ids.join(' ') }), {
      empty: t('前面无人工环节。'),
    }),
    check(t('提交后可以撤回（下一步签收之前）'), gov.recall !== false, (yes) => set({ recall: yes ? undefined : false })),
  ];
}
