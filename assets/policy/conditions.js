// Conditions as rows of field, comparison and value, and as the FEEL that is stored.
// A condition that was written otherwise has no rows: `parse` gives null, and it stays as it is.

const NAME = '[\\p{L}_][\\p{L}\\p{N}_]*(?:\\.[\\p{L}_][\\p{L}\\p{N}_]*)?';
const STRING = '"(?:[^"\\\\]|\\\\.)*"';
const VALUE = `${STRING}|-?\\d+(?:\\.\\d+)?|true|false|null|(?:date|time|duration|date and time)\\(${STRING}\\)`;
const COMPARISON = new RegExp(`^(${NAME})\\s*(=|!=|<=|>=|<|>)\\s*(${VALUE})$`, 'u');
const CONTAINS = new RegExp(`^(not\\()?\\s*(list contains|contains)\\((${NAME}),\\s*(${STRING})\\)(\\))?$`, 'u');

/** Split at ` and ` or ` or ` outside of quotes and brackets; null where both are mixed. */
function split(feel) {
  const parts = [''];
  const joints = new Set();
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < feel.length; at += 1) {
    const sign = feel[at];
    if (sign === '"' && feel[at - 1] !== '\\') quoted = !quoted;
    if (!quoted && (sign === '(' || sign === '[')) depth += 1;
    if (!quoted && (sign === ')' || sign === ']')) depth -= 1;
    const joint = !quoted && depth === 0 ? /^\s+(and|or)\s+/.exec(feel.slice(at)) : null;
    if (joint) {
      joints.add(joint[1]);
      parts.push('');
      at += joint[0].length - 1;
    } else {
      parts[parts.length - 1] += sign;
    }
  }
  return joints.size > 1 ? null : { parts: parts.map((part) => part.trim()), joint: [...joints][0] ?? 'and' };
}

function atom(text) {
  const compared = COMPARISON.exec(text);
  if (compared) return { field: compared[1], op: compared[2], value: compared[3] };
  const contained = CONTAINS.exec(text);
  if (!contained || Boolean(contained[1]) !== Boolean(contained[5])) return null;
  return { field: contained[3], op: `${contained[1] ? 'not ' : ''}${contained[2]}`, value: contained[4] };
}

/** `{joint, rows}` of a FEEL condition, or null if it cannot be said in rows. */
export function parse(feel) {
  if (!feel?.trim()) return { joint: 'and', rows: [] };
  const found = split(feel.trim());
  const rows = found?.parts.map(atom);
  return rows?.every(Boolean) ? { joint: found.joint, rows } : null;
}

function written({ field, op, value }) {
  if (op.endsWith('contains')) {
    const call = `${op.replace('not ', '')}(${field}, ${value})`;
    return op.startsWith('not ') ? `not(${call})` : call;
  }
  return `${field} ${op} ${value}`;
}

/** The FEEL of rows; rows that are not filled in yet are left out. */
export const compose = ({ joint, rows }) => rows
  .filter(({ field, op, value }) => field && op && value !== '').map(written).join(` ${joint} `);

export const quote = (text) => `"${text.replace(/\\/g, '\\\\').replace(/"/g, '\\"')}"`;

/** What stands between the quotes of a FEEL text, date or time. */
export function unquote(value) {
  const inner = /^(?:(?:date|time|duration|date and time)\()?("(?:[^"\\]|\\.)*")\)?$/.exec(value ?? '');
  return inner ? JSON.parse(inner[1]) : value ?? '';
}
