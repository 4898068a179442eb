// FEEL in the page, for what a form shows while one fills it in; the server judges with its own.
import { evaluate } from 'feelin';

/** Whether a condition holds; a broken one shows the field, as a page without scripts does. */
export function holds(expression, answers) {
  try {
    return evaluate(expression, answers).value === true;
  } catch {
    return true;
  }
}

// The functions that make a date, a time or a length of time out of a text.
const MAKERS = { date: 'date', datetime: 'date and time', time: 'time', duration: 'duration' };
const UNITS = [
  [/^(\d+)\s*(?:周|星期|weeks?|w)/i, (count) => ['D', count * 7]],
  [/^(\d+)\s*(?:天|日|days?|d)/i, (count) => ['D', count]],
  [/^(\d+)\s*(?:个?小时|时|hours?|h)/i, (count) => ['H', count]],
  [/^(\d+)\s*(?:分钟|分|minutes?|mins?|m)/i, (count) => ['M', count]],
];

/** A length of time as people type it, in ISO 8601; null where it is none. */
export function isoLength(text) {
  let rest = text.trim();
  if (/^P/i.test(rest)) return rest.toUpperCase();
  const found = { D: 0, H: 0, M: 0 };
  for (const [pattern, read] of UNITS) {
    const part = pattern.exec(rest);
    if (!part) continue;
    const [unit, count] = read(Number(part[1]));
    found[unit] += count;
    rest = rest.slice(part[0].length).trim();
  }
  return rest || !text.trim() ? null : `P${found.D}DT${found.H}H${found.M}M`;
}

/** What was typed as FEEL knows it; null while it is no such value. */
export function madeOf(kind, text) {
  if (!MAKERS[kind]) return text;
  const iso = kind === 'duration' ? isoLength(text) : text;
  try {
    return iso === null ? null : evaluate(`${MAKERS[kind]}(text)`, { text: iso }).value;
  } catch {
    return null;
  }
}
