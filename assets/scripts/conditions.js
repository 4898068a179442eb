// <div class="field" data-name="reason" data-kind="textarea" data-show-when="FEEL"
//      data-required-when="FEEL">: fields that appear or become required by other answers.
// Without scripts every field shows, and the server drops the answers that do not apply.

const CONDITIONAL = '[data-show-when], [data-required-when]';
const MANY = new Set(['choices', 'units', 'files']);
// Of these no single input is required; the server asks for the whole.
const COMPOUND = new Set([...MANY, 'position', 'list']);
const NUMERIC = new Set(['number', 'money', 'rating']);

function typed(kind, texts, madeOf) {
  if (MANY.has(kind)) return texts;
  const text = texts[0] ?? '';
  if (text === '') return null;
  if (NUMERIC.has(kind)) return Number.isNaN(Number(text)) ? null : Number(text);
  if (kind === 'yes_no') return ['true', 'yes', '1', 'on'].includes(text);
  return madeOf(kind, text);
}

const short = (name) => name.replace(/^.+-\d+-/, '');

/** Whether a field of a row says nothing, or no more than what a new row begins with. */
function isUntouched({ dataset: { name, kind, default: given = '[]' } }, data) {
  const said = [...data.entries()]
    .filter(([key]) => key === name || key.startsWith(`${name}-`))
    .map(([, value]) => (typeof value === 'string' ? value.trim() : value.name))
    .filter((text) => text !== '');
  // Of a moment the day counts, as on the server.
  const plain = (text) => (kind === 'datetime' ? text.slice(0, 10) : text);
  const begins = JSON.parse(given);
  return !said.length || (said.length === begins.length && said.every((text, at) => plain(text) === plain(begins[at])));
}

/** The rows of a list by the short names of their fields; an untouched row is none. */
function rowsOf(list, answers, data) {
  return [...list.querySelectorAll('.repeat-row')]
    .map((row) => [...row.querySelectorAll('[data-name]')])
    .filter((fields) => !fields.every((field) => isUntouched(field, data)))
    .map((fields) => Object.fromEntries(fields.map(({ dataset: { name } }) => [short(name), answers[name]])));
}

/** Answers as the expressions see them: field name -> value, null while unanswered. */
export function answersOf(form, madeOf = (_kind, text) => text) {
  const data = new FormData(form);
  const answers = {};
  for (const field of form.querySelectorAll('[data-name][data-kind]')) {
    const { name, kind } = field.dataset;
    answers[name] = typed(kind, data.getAll(name).filter((value) => typeof value === 'string'), madeOf);
  }
  for (const list of form.querySelectorAll('[data-kind="list"]')) {
    answers[list.dataset.name] = rowsOf(list, answers, data);
  }
  return answers;
}

/** Inside a repeated group the row's own answers come first, under their short names. */
function scopeOf(field, answers) {
  const row = field.closest('.repeat-row');
  if (!row) return answers;
  const inner = [...row.querySelectorAll('[data-name]')].map(({ dataset: { name } }) => name);
  return { ...answers, ...Object.fromEntries(inner.map((name) => [short(name), answers[name]])) };
}

/** The browser must not insist on an answer that nobody can see. */
function setRequired(field, required) {
  field.classList.toggle('field-must', required);
  // A row of a list may stay empty, and its list hidden: the server asks for what is missing.
  if (COMPOUND.has(field.dataset.kind) || field.closest('.repeat-row')) return;
  for (const input of field.querySelectorAll('input:not([role="combobox"]), select, textarea')) input.required = required;
}

function apply(field, answers, holds) {
  const { showWhen, requiredWhen, required } = field.dataset;
  const shown = !showWhen || holds(showWhen, answers);
  field.hidden = !shown;
  const must = required !== undefined || (requiredWhen && holds(requiredWhen, answers));
  setRequired(field, Boolean(shown && must));
}

async function follow(form) {
  const { holds, madeOf } = await import('./feel.js');
  const today = madeOf('date', (document.documentElement.dataset.now ?? '').slice(0, 10));
  const ends = form.querySelector('[data-last-day]')?.dataset.lastDay;
  const lastDay = ends ? madeOf('date', ends) : null;
  const update = () => {
    const answers = { today, last_day: lastDay, ...answersOf(form, madeOf) };
    for (const field of form.querySelectorAll(CONDITIONAL)) {
      apply(field, scopeOf(field, answers), holds);
    }
  };
  form.addEventListener('input', update);
  form.addEventListener('change', update);
  update();
}

export function startConditions(part) {
  for (const form of part.querySelectorAll('form')) {
    if (form.dataset.following || !form.querySelector(CONDITIONAL)) continue;
    form.dataset.following = 'yes';
    follow(form);
  }
}
