// Timers in words: after a span, at a moment, or again and again; FEEL where that is not enough.
import { t } from '../words.js';
import { section, select, span, text } from './controls.js';

const KINDS = [['timeDuration', '过一段时间'], ['timeDate', '到某个时刻'], ['timeCycle', '每隔一段时间']];
const ISO = { hours: (n) => `PT${n}H`, days: (n) => `P${n}D`, months: (n) => `P${n}M`, minutes: (n) => `PT${n}M` };
const READ = [[/^PT(\d+)H$/, 'hours'], [/^P(\d+)D$/, 'days'], [/^P(\d+)M$/, 'months'], [/^PT(\d+)M$/, 'minutes'],
  [/^working days\((\d+)\)$/, 'working_days'], [/^working hours\((\d+)\)$/, 'working_hours']];

/** `[amount, unit]` of a span as we write it, or null. */
export function readSpan(body) {
  for (const [pattern, unit] of READ) {
    const found = pattern.exec((body ?? '').trim());
    if (found) return [found[1], unit];
  }
  return null;
}

export function writeSpan(amount, unit) {
  if (unit.startsWith('working_')) return `${unit.replace('_', ' ')}(${amount})`;
  return (ISO[unit] ?? ISO.days)(amount);
}

export function timerSection(desk, element, event) {
  const kind = KINDS.map(([name]) => name).find((name) => event[name]) ?? 'timeDuration';
  const body = event[kind]?.body ?? '';
  const put = (name, value) => desk.changes.set(element, event, {
    timeDuration: undefined, timeDate: undefined, timeCycle: undefined, [name]: desk.changes.expression(event, value),
  });
  const example = { timeDuration: 'working days(3)', timeDate: '2026-12-01T09:00', timeCycle: 'R3/P1D' };
  return section(t('定时'),
    select(t('什么时候'), kind, KINDS.map(([name, words]) => [name, t(words)]), (name) => put(name, example[name])),
    ...(kind === 'timeDuration' ? duration(desk, body, (value) => put(kind, value)) : []),
    kind === 'timeDuration' && (readSpan(body) || !body) ? null
      : text(t('表达式'), body, (value) => put(kind, value.trim()), { mono: true, help: t('例如 {example}', { example: example[kind] }) }));
}

function duration(desk, body, put) {
  const found = readSpan(body);
  if (body && !found) return [];
  const units = [['working_days', t('工作日')], ['working_hours', t('工作小时')], ['days', t('天')], ['hours', t('小时')], ['minutes', t('分钟')], ['months', t('月')]];
  const [amount, unit] = found ?? ['', 'working_days'];
  return [span(t('多久以后'), amount, unit, units, (number, chosen) => /^\d+$/.test(number) && put(writeSpan(number, chosen || 'working_days')))];
}
