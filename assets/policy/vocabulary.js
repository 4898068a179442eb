// The words of roles, levels, units of time and kinds of elements, as choices and by name.
import { say, t } from './words.js';

const LIMIT_UNITS = {
  hours: '小时', working_hours: '工作小时', working_days: '工作日', days: '天', months: '月', years: '年',
};
const SETTINGS = {
  department: '承办部门', limit: '时限', limit_unit: '时限单位', priority: '紧急程度', category: '类别', risk: '风险等级',
};
const PARAMS = {
  to: '到哪一级', department: '承办部门', priority: '紧急程度', risk: '风险等级', limit: '时限', unit: '单位', role: '通知谁',
  level: '哪一级', text: '内容', text_en: '英文内容', process: '流程编号', title: '标题', reason: '理由', template: '模板', code: '错误代码',
};
const KINDS = {
  Process: '流程', Participant: '流程', Collaboration: '流程', Lane: '泳道', UserTask: '人工环节', ManualTask: '人工环节', Task: '人工环节',
  ServiceTask: '系统动作', SendTask: '发送', ReceiveTask: '等待消息', ScriptTask: '计算', BusinessRuleTask: '决策表',
  CallActivity: '调用流程', SubProcess: '子流程', SequenceFlow: '连线', ExclusiveGateway: '排他网关（选一条）',
  InclusiveGateway: '包容网关（选几条）', ParallelGateway: '并行网关（同时）', EventBasedGateway: '事件网关（先到先走）',
  StartEvent: '开始', EndEvent: '结束', IntermediateCatchEvent: '等待事件', IntermediateThrowEvent: '抛出事件',
  BoundaryEvent: '边界事件', TextAnnotation: '批注', Group: '分组', DataObjectReference: '数据对象', DataStoreReference: '数据存储',
  Association: '关联', MessageFlow: '消息流',
};

const pairs = (words) => Object.entries(words).map(([key, chinese]) => [key, t(chinese)]);

/** The choices that panels offer, each as [value, words]. */
export function choices(context) {
  return {
    roles: context.roles.map(({ key, name }) => [key, name]),
    levels: [...context.levels.map(({ key, name }) => [key, name]), ['handling', t('当前办理层级')]],
    limitUnits: pairs(LIMIT_UNITS).filter(([key]) => context.limit_units.includes(key)),
    actions: context.actions.map(({ name, text, required, optional }) => ({ name, title: say(text), required, optional })),
    settings: pairs(SETTINGS),
    kinds: Object.fromEntries(pairs(KINDS)),
  };
}

/** The same words by their key. */
export function names({ roles, levels, limitUnits }) {
  return {
    roles: Object.fromEntries(roles),
    levels: Object.fromEntries(levels),
    limitUnits: Object.fromEntries(limitUnits),
    params: Object.fromEntries(pairs(PARAMS)),
  };
}
