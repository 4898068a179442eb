// What the properties panel is made of: a label, a control, help; changes come when one is done.
import { freshId, h } from '../dom.js';
import { t } from '../words.js';

// What a killed tab can take along: the last words that somebody typed within this time.
const TYPING = 250;

/** A block with a heading. */
export function section(title, ...children) {
  return h('section', { class: 'props' }, h('h3', {}, title), ...children);
}

function row(label, control, { help, wide = true } = {}) {
  const id = control.id || freshId('prop');
  control.id = id;
  const note = help ? h('div', { class: 'field-help', id: `${id}-help` }, help) : null;
  if (note) control.setAttribute('aria-describedby', note.id);
  return h('div', { class: wide ? 'prop' : 'prop prop-inline' }, h('label', { htmlFor: id }, label), control, note);
}

/** Commit a typed text on leaving the field or on Enter, and on every pause. */
function committing(control, commit) {
  // Not what was given: a line cannot hold the line breaks of a name, and must not take them away.
  let last = control.value;
  let timer = null;
  const done = () => {
    clearTimeout(timer);
    if (control.value === last) return;
    last = control.value;
    commit(control.value);
  };
  control.addEventListener('change', done);
  const soon = (event) => {
    clearTimeout(timer);
    // Half a word of an input method is none; a panel drawn anew would throw it out.
    if (!event.isComposing) timer = setTimeout(done, TYPING);
  };
  control.addEventListener('input', soon);
  control.addEventListener('compositionend', soon);
  // A panel that goes away takes nothing along.
  control.commitNow = done;
  return control;
}

export function text(label, value, commit, options = {}) {
  const { rows, placeholder, mono, disabled, maxLength } = options;
  const given = { class: `form-control${mono ? ' mono' : ''}`, value: value ?? '', placeholder, disabled, maxLength, spellcheck: false };
  const control = rows ? h('textarea', { ...given, rows }) : h('input', { ...given, type: 'text', autocomplete: 'off' });
  return row(label, committing(control, commit), options);
}

/** `choices` are [value, words] or {title, choices}; an unknown value stays and is marked. */
export function select(label, value, choices, commit, options = {}) {
  return row(label, dropdown(value, choices, commit, options), options);
}

export function dropdown(value, choices, commit, { label, disabled } = {}) {
  const known = choices.flatMap((one) => (one.choices ? one.choices : [one])).some(([each]) => each === (value ?? ''));
  const stray = known ? [] : [[value, t('{value}（没有这一项）', { value })]];
  const control = h('select', { class: 'form-select', disabled, 'aria-label': label }, [...stray, ...choices].map(option));
  control.value = value ?? '';
  control.addEventListener('change', () => commit(control.value));
  return control;
}

function option(one) {
  if (one.choices) return h('optgroup', { label: one.title }, one.choices.map(option));
  return h('option', { value: one[0] }, one[1]);
}

/** A number of time with its unit. */
export function span(label, amount, unit, units, commit, options = {}) {
  const number = committing(
    h('input', { class: 'form-control', type: 'text', inputMode: 'numeric', value: amount ?? '', autocomplete: 'off', disabled: options.disabled }),
    (value) => commit(value.trim(), chosen.value || units[0][0]),
  );
  const chosen = dropdown(unit || '', [['', t('单位')], ...units], (value) => commit(number.value.trim(), value), {
    label: t('{label}：时间单位', { label }), disabled: options.disabled,
  });
  const id = freshId('prop');
  number.id = id;
  const note = options.help ? h('div', { class: 'field-help' }, options.help) : null;
  return h('div', { class: 'prop' }, h('label', { htmlFor: id }, label), h('div', { class: 'prop-span' }, number, chosen), note);
}

export function check(label, value, commit, { help } = {}) {
  const id = freshId('prop');
  const control = h('input', { type: 'checkbox', class: 'form-check-input', id, checked: value });
  control.addEventListener('change', () => commit(control.checked));
  return h('div', { class: 'form-check prop' }, control, h('label', { class: 'form-check-label', htmlFor: id }, label),
    help ? h('div', { class: 'field-help' }, help) : null);
}

/** Several of a list; gives the chosen ones in the list's order. */
export function several(label, values, choices, commit, { empty } = {}) {
  const boxes = choices.map(([value, words]) => {
    const id = freshId('prop');
    const control = h('input', { type: 'checkbox', class: 'form-check-input', id, checked: values.includes(value), value });
    control.addEventListener('change', () => commit(
      [...group.querySelectorAll('input:checked')].map((one) => one.value),
    ));
    return h('div', { class: 'form-check' }, control, h('label', { class: 'form-check-label', htmlFor: id }, words));
  });
  const group = h('fieldset', { class: 'prop' }, h('legend', {}, label), boxes.length ? boxes : h('p', { class: 'muted' }, empty ?? ''));
  return group;
}

export const note = (words, kind = '') => h('p', { class: `prop-note ${kind}` }, words);
