// Puts a condition together from fields, comparisons and values; FEEL by hand for experts.
import { compose, parse, quote, unquote } from './conditions.js';
import { fill, h } from './dom.js';
import { t } from './words.js';
import { dropdown } from './panel/controls.js';

const EQUAL = [['=', '是'], ['!=', '不是']];
const ORDER = [['=', '等于'], ['!=', '不等于'], ['>', '大于'], ['>=', '不小于'], ['<', '小于'], ['<=', '不大于']];
const DATES = [['=', '是这天'], ['<', '早于'], ['<=', '不晚于'], ['>', '晚于'], ['>=', '不早于']];
const MOMENTS = DATES.map(([op, words]) => [op, op === '=' ? '是这时' : words]);
const MANY = [['list contains', '包含'], ['not list contains', '不包含']];
const TEXT = [...EQUAL, ['contains', '里有'], ['not contains', '里没有']];
const BY_KIND = {
  yes_no: [['=', '为']], choice: EQUAL, choices: MANY, units: MANY, number: ORDER, money: ORDER, rating: ORDER,
  date: DATES, datetime: MOMENTS, time: MOMENTS, duration: ORDER, any: ORDER,
};
// What a value of these kinds is typed with, and the function that makes it.
const CONTROLS = { date: 'date', datetime: 'datetime-local', time: 'time' };
const CALLS = { date: 'date', datetime: 'date and time', time: 'time', duration: 'duration' };
const EMPTY = [['= null', '没有填'], ['!= null', '填了']];

const operators = (kind) => [...(BY_KIND[kind] ?? TEXT), ...EMPTY].map(([op, words]) => [op, t(words)]);

/** The first sensible value for a field and comparison. */
function firstValue(field) {
  if (field.kind === 'yes_no') return 'true';
  if (field.choices.length) return quote(field.choices[0].value);
  return '';
}

export class Composer {
  /** `groups` as of fieldsBefore; `commit(feel)` when the condition has changed. */
  constructor(groups, feel, commit) {
    Object.assign(this, { groups, commit });
    this.fields = new Map(groups.flatMap((group) => group.fields).map((field) => [field.name, field]));
    this.element = h('div', { class: 'composer' });
    this.feel = feel ?? '';
    this.show(parse(this.feel));
  }

  show(state) {
    this.state = state;
    if (!state || this.expert) fill(this.element, this.byHand(state));
    else fill(this.element, this.joint(), state.rows.map((row) => this.row(row)), this.foot());
  }

  changed() {
    const feel = compose(this.state);
    if (feel === this.feel) return;
    this.feel = feel;
    this.commit(feel);
  }

  joint() {
    if (this.state.rows.length < 2) return null;
    return dropdown(this.state.joint, [['and', t('下面全部成立')], ['or', t('下面任一成立')]], (joint) => {
      this.state.joint = joint;
      this.changed();
    }, { label: t('条件之间的关系') });
  }

  row(row) {
    const field = this.fields.get(row.field) ?? { name: row.field, label: row.field, kind: 'any', choices: [], unknown: true };
    const remove = h('button', {
      type: 'button', class: 'btn btn-link btn-small', title: t('删去这一条'), 'aria-label': t('删去这一条'),
      onclick: () => this.replace(row, null),
    }, '✕');
    return h('div', { class: 'composer-row', role: 'group', 'aria-label': t('条件') },
      this.fieldChoice(row, field), this.operator(row, field), this.value(row, field), remove);
  }

  fieldChoice(row, field) {
    const groups = this.groups.map(({ title, fields }) => ({ title, choices: fields.map(({ name, label }) => [name, label]) }));
    const stray = row.field && field.unknown ? [[row.field, t('{name}（前面没有表单填它）', { name: row.field })]] : [];
    return dropdown(row.field, [['', t('选择字段')], ...stray, ...groups], (name) => {
      const chosen = this.fields.get(name);
      this.replace(row, chosen ? { field: name, op: operators(chosen.kind)[0][0], value: firstValue(chosen) } : { field: '', op: '', value: '' });
    }, { label: t('字段') });
  }

  operator(row, field) {
    const choices = operators(field.kind);
    const shown = row.value === 'null' ? `${row.op} null` : row.op;
    return dropdown(shown, row.field ? choices : [['', '']], (op) => {
      if (op.endsWith(' null')) this.replace(row, { ...row, op: op.replace(' null', ''), value: 'null' });
      else this.replace(row, { ...row, op, value: row.value === 'null' ? firstValue(field) : row.value });
    }, { label: t('怎样比较') });
  }

  value(row, field) {
    if (!row.field || row.value === 'null') return null;
    const put = (value) => {
      row.value = value;
      this.changed();
    };
    const label = { label: t('值') };
    if (field.kind === 'yes_no') return dropdown(row.value, [['true', t('“是”')], ['false', t('“否”')]], put, label);
    if (field.choices.length) return dropdown(row.value, field.choices.map((one) => [quote(one.value), one.label]), put, label);
    return this.typed(row, field, put);
  }

  typed(row, field, put) {
    const kind = CONTROLS[field.kind] ?? 'text';
    const numeric = ['number', 'money', 'rating'].includes(field.kind);
    const input = h('input', { class: 'form-control', type: kind, value: unquote(row.value), 'aria-label': t('值'), autocomplete: 'off' });
    if (numeric) input.inputMode = 'decimal';
    input.addEventListener('change', () => {
      const text = input.value.trim();
      if (text === '') put('');
      else if (CALLS[field.kind]) put(`${CALLS[field.kind]}(${quote(text)})`);
      else if (/^-?\d+(\.\d+)?$/.test(text) && (numeric || field.kind === 'any')) put(text);
      else put(quote(text));
    });
    return input;
  }

  replace(row, next) {
    const rows = this.state.rows.flatMap((one) => (one === row ? (next ? [next] : []) : [one]));
    this.show({ ...this.state, rows });
    this.changed();
  }

  foot() {
    return h('div', { class: 'composer-foot' },
      h('button', { type: 'button', class: 'btn btn-outline-secondary btn-sm', onclick: () => this.add() },
        this.state.rows.length ? t('再加一条') : t('写条件')),
      h('button', { type: 'button', class: 'btn btn-link btn-sm', onclick: () => this.toExpert() }, t('用 FEEL 写')));
  }

  add() {
    this.show({ ...this.state, rows: [...this.state.rows, { field: '', op: '', value: '' }] });
    this.element.querySelector('.composer-row:last-of-type select')?.focus();
  }

  toExpert() {
    this.expert = true;
    this.show(this.state);
  }

  byHand(state) {
    const area = h('textarea', { class: 'form-control mono', rows: 3, value: this.feel, spellcheck: false, 'aria-label': t('条件（FEEL）') });
    area.addEventListener('change', () => {
      this.feel = area.value.trim();
      this.state = parse(this.feel);
      this.commit(this.feel);
    });
    const back = state ? h('button', {
      type: 'button', class: 'btn btn-link btn-sm', onclick: () => { this.expert = false; this.show(parse(this.feel)); },
    }, t('用字段选择')) : h('span', { class: 'muted' }, t('这个条件不能用字段表示，只能在这里改。'));
    return [area, h('div', { class: 'composer-foot' }, back)];
  }
}

/** A condition in words: "处理结果 是 不予受理". */
export function inWords(groups, feel) {
  const state = parse(feel);
  if (!state) return feel;
  const fields = new Map(groups.flatMap((group) => group.fields).map((field) => [field.name, field]));
  const joint = state.joint === 'and' ? t(' 且 ') : t(' 或 ');
  return state.rows.map((row) => rowInWords(row, fields.get(row.field))).join(joint);
}

function rowInWords({ field, op, value }, known) {
  const label = known?.label ?? field;
  if (value === 'null') return `${label} ${t(op === '=' ? '没有填' : '填了')}`;
  const words = (operators(known?.kind ?? 'any').find(([each]) => each === op) ?? [op, op])[1];
  if (value === 'true' || value === 'false') return `${label} ${t('为')} ${t(value === 'true' ? '“是”' : '“否”')}`;
  const plain = unquote(value);
  return `${label} ${words} ${known?.choices.find((one) => one.value === plain)?.label ?? plain}`;
}
