// A step's settings as one sentence: "村级调解员，签收后 3 个工作日办结，提前 1 个工作日亮黄灯".
import { govOf, modelOf } from './gov.js';
import { english, t } from './words.js';

export function span(amount, unit, names) {
  return english ? `${amount} ${names[unit] ?? unit}` : `${amount} 个${names[unit] ?? unit}`.replace(/个(?=[天年])/, '');
}

export function sentence(desk, element) {
  const gov = govOf(modelOf(element), 'gov:Task') ?? {};
  const lane = desk.laneOf(element);
  const { roles, levels, limitUnits } = desk.names;
  const role = gov.role || lane.role;
  const level = gov.level || lane.level;
  const parts = [who(gov, levels[level] ?? level, roles[role] ?? role)];
  if (gov.limit === 'case') parts.push(t('按事项时限办结'));
  else if (gov.limit) parts.push(t('签收后 {span}办结', { span: span(gov.limit, gov.limitUnit, limitUnits) }));
  if (gov.warn) parts.push(t('提前 {span}提示将到期', { span: span(each(gov.warn), gov.limitUnit ?? 'working_days', limitUnits) }));
  if (gov.signLimit) parts.push(t('{span}内签收', { span: span(gov.signLimit, gov.signLimitUnit, limitUnits) }));
  return parts.join(english ? ', ' : '，') + (english ? '.' : '。');
}

/** "10 3" as it is read: "10、3", "10, 3". */
function each(spans) {
  return spans.split(/[\s,]+/).filter(Boolean).join(english ? ', ' : '、');
}

function who(gov, level, role) {
  if (!role) return t('尚未指定承办岗位');
  if (gov.unit === 'department') return t('承办部门的{role}', { role });
  if (gov.unit) return t('由表达式指定的单位的{role}', { role });
  return level ? t('{level} · {role}', { level, role }) : role;
}
