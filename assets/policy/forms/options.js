// What some kinds of questions may be told: bounds, lengths, choices.
import { button, h } from '../dom.js';
import { dropdown, select, several, text } from '../panel/controls.js';
import { t } from '../words.js';
import { choice, options } from './kinds.js';

const WORDS = {
  role: '选哪个岗位的人（岗位代码）', min: '最小', max: '最大', max_length: '最多几个字', decimals: '小数位数', rows: '几行高',
};
const COUNTED = new Set(['choices', 'units', 'files', 'list', 'people']);
const ROLES = [
  ['applicant', '申请人'], ['respondent', '被申请人'], ['third_party', '第三人'], ['caller', '来电人'],
  ['reporter', '反映人'], ['reported', '被反映人'], ['witness', '证人'], ['firm', '有关单位'],
];
const ASKS = [
  ['resident_id', '身份证号码'], ['birth', '性别和出生日期'], ['credit_code', '统一社会信用代码'], ['representative', '法定代表人'],
  ['phone', '联系电话'], ['address', '住址'], ['nation', '民族'], ['job', '职业或者职务'], ['minor', '是否未成年人'],
  ['care', '需要照顾的情形'], ['agent', '代理人'],
];
const LISTED = { roles: ['问哪些人', ROLES], asks: ['每人问哪些', ASKS] };
const ACCEPT = [['any', '任何文件'], ['photo', '照片'], ['document', '文档']];

export function optionControls(field, set) {
  return options(field.kind).filter((key) => !['choices', 'fields'].includes(key)).map((key) => {
    if (LISTED[key]) {
      const [words, choices] = LISTED[key];
      return several(t(words), field[key] ?? [], choices.map(([value, name]) => [value, t(name)]), (values) => set(key, values));
    }
    if (key === 'accept') return select(t('收什么文件'), field.accept ?? 'any', ACCEPT.map(([value, words]) => [value, t(words)]), (value) => set('accept', value));
    return text(label(field, key), field[key], (value) => set(key, bound(field, value.trim())), { help: HELP[field.kind] && t(HELP[field.kind]) });
  });
}

const DATE = '日期，例如 2026-01-01，或 today';
const HELP = { date: DATE, datetime: DATE, time: '时间，例如 09:00', duration: '时长，例如 2天3小时' };

function label({ kind }, key) {
  if (COUNTED.has(kind)) return t(key === 'min' ? '最少几项' : '最多几项');
  if (kind === 'duration') return t(key === 'min' ? '最短' : '最长');
  if (HELP[kind]) return t(key === 'min' ? '最早' : '最晚');
  return t(WORDS[key]);
}

/** A bound as JSON has it: a number, or for dates and times a text; what is neither is left to the check. */
function bound(field, value) {
  if (value === '') return undefined;
  return !HELP[field.kind] && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
}

export function choiceRows(editor, place, field) {
  const change = (act) => editor.edit((form) => act(editor.constructor.at(form, place).choices));
  const rows = field.choices.map((one, number) => row(one, number, field.choices.length, change));
  return h('div', { class: 'choice-rows' }, rows,
    button(t('加一项'), () => change((list) => list.push(fresh(list)))),
    h('div', { class: 'choice-default' }, h('span', {}, t('预先选好：')), initial(editor, place, field)));
}

function fresh(list) {
  let number = list.length + 1;
  while (list.some(({ value }) => value === choice(number).value)) number += 1;
  return choice(number);
}

function initial(editor, place, field) {
  if (field.kind !== 'choice') return h('span', { class: 'muted' }, t('（不选）'));
  const choices = [['', t('（不选）')], ...field.choices.map(({ value, label: words }) => [value, words.zh_CN || value])];
  return dropdown(field.default ?? '', choices, (value) => editor.edit((form) => {
    const one = editor.constructor.at(form, place);
    if (value) one.default = value;
    else delete one.default;
  }), { label: t('预先选好') });
}

/** One choice: its Chinese, its English, and the value that conditions compare with. */
function row(one, number, count, change) {
  const words = one.label?.zh_CN || one.value;
  const input = (value, label, put) => {
    const control = h('input', { class: 'form-control', value: value ?? '', 'aria-label': label, title: label, autocomplete: 'off' });
    control.addEventListener('change', () => change((list) => put(list[number], control.value.trim())));
    return control;
  };
  const act = (sign, label, to, disabled) => h('button', {
    type: 'button', class: 'btn btn-link btn-small', title: label, 'aria-label': `${label}：${words}`, disabled, onclick: () => change(to),
  }, sign);
  return h('div', { class: 'choice-row', role: 'group', 'aria-label': words },
    input(one.label?.zh_CN, t('选项'), rename),
    input(one.label?.en, t('选项（英文）'), (each, value) => { each.label = { ...each.label, en: value }; }),
    h('span', { class: 'choice-acts' },
      act('↑', t('上移'), (list) => list.splice(number - 1, 0, ...list.splice(number, 1)), number === 0),
      act('↓', t('下移'), (list) => list.splice(number + 1, 0, ...list.splice(number, 1)), number === count - 1),
      act('✕', t('删去'), (list) => list.splice(number, 1), count === 1)),
    h('label', { class: 'choice-value' }, t('存为'), input(one.value, t('存为'), (each, value) => { each.value = value; })));
}

/** A choice that is stored under its own words goes on being so. */
function rename(one, words) {
  if (one.value === one.label?.zh_CN) one.value = words;
  one.label = { ...one.label, zh_CN: words };
}
