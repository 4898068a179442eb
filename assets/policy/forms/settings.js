// The settings of one question, and of the form as a whole.
import { Composer } from '../composer.js';
import { button, h } from '../dom.js';
import { formFields } from '../fields.js';
import { check, note, section, select, text } from '../panel/controls.js';
import { say, t } from '../words.js';
import { become, byDefault, isPersonal, kindChoices, options } from './kinds.js';
import { choiceRows, optionControls } from './options.js';

const COLUMNS = { title: '标题', place: '事发地', category: '类别', priority: '紧急程度', channel: '来源', risk: '风险等级', against: '反映的单位', due: '来件单位要求的办结时间' };

/** A text in both languages; an empty optional one goes. */
export function bilingual(label, value, put, { rows, optional } = {}) {
  const change = (language) => (words) => {
    const next = { zh_CN: value?.zh_CN ?? '', en: value?.en ?? '', [language]: words.trim() };
    put(optional && !next.zh_CN && !next.en ? undefined : next);
  };
  return [
    text(label, value?.zh_CN, change('zh_CN'), { rows }),
    text(t('{label}（英文）', { label }), value?.en, change('en'), { rows }),
  ];
}

const put = (field, key, value) => {
  if (value === undefined || value === '' || value === false) delete field[key];
  else field[key] = value;
};

export function fieldSettings(editor, place) {
  const field = editor.constructor.at(editor.definition, place);
  const set = (key, value, how) => editor.edit((form) => put(editor.constructor.at(form, place), key, value), how);
  const inside = place.length > 2;
  const asks = field.kind !== 'note';
  return [
    h('h2', {}, say(field.label) || field.name),
    section(t('问题'),
      ...bilingual(t('题目'), field.label, (value) => set('label', value)),
      select(t('种类'), field.kind, kindChoices(inside), (kind) => editor.edit((form) => become(editor.constructor.at(form, place), kind))),
      ...bilingual(t('题目下面的说明'), field.help, (value) => set('help', value), { rows: 2, optional: true })),
    field.choices ? section(t('选项'), choiceRows(editor, place, field)) : null,
    options(field.kind).some((key) => !['choices', 'fields'].includes(key)) ? section(t('限制'), ...optionControls(field, set)) : null,
    field.kind === 'list' ? section(t('列表的每一行'), rowFields(editor, place)) : null,
    asks ? section(t('必填和显示'), ...conditions(editor, place, field, set)) : section(t('显示'), shown(editor, place, field, set)),
    asks ? section(t('怎样保存'), ...keeping(field, set, inside)) : null,
    h('p', {}, button(t('删去这一题'), () => remove(editor, place), { class: 'btn btn-outline-danger btn-sm' })),
  ].filter(Boolean);
}

function conditions(editor, place, field, set) {
  const state = field.required ? 'always' : field.required_when ? 'when' : 'never';
  const choose = (next) => editor.edit((form) => {
    const one = editor.constructor.at(form, place);
    put(one, 'required', next === 'always');
    put(one, 'required_when', next === 'when' ? one.required_when || 'true' : undefined);
  });
  return [
    select(t('必填'), state, [['never', t('可以不填')], ['always', t('必填')], ['when', t('满足条件时必填')]], choose),
    state === 'when' ? composer(editor, place, field.required_when === 'true' ? '' : field.required_when, (feel) => set('required_when', feel || 'true', { redraw: false })) : null,
    shown(editor, place, field, set),
  ];
}

function shown(editor, place, field, set) {
  return h('div', { class: 'prop' }, h('p', { class: 'prop-label' }, t('什么时候问')),
    field.show_when ? null : note(t('总是问；写了条件，就只在条件成立时问。')),
    composer(editor, place, field.show_when, (feel) => set('show_when', feel, { redraw: false })));
}

/** A condition over the other questions of the same form, and of the same row. */
function composer(editor, place, feel, commit) {
  const self = editor.constructor.at(editor.definition, place);
  const others = formFields(editor.definition).filter(({ name }) => name !== self.name);
  const row = place.length > 2 ? formFields({ groups: [{ fields: editor.constructor.holder(editor.definition, place) }] }) : [];
  const groups = [{ title: t('本表单'), fields: others }];
  if (row.length) groups.unshift({ title: t('同一行'), fields: row.filter(({ name }) => name !== self.name) });
  return new Composer(groups, feel, commit).element;
}

function keeping(field, set, inside) {
  const columns = [['', t('（不填入）')], ...Object.entries(COLUMNS).map(([key, words]) => [key, t(words)])];
  const personal = isPersonal(field);
  return [
    text(t('字段名'), field.name, (name) => set('name', name.trim()), {
      mono: true, help: t('条件和决策表里用它；小写字母、数字、下划线或汉字。改名要同时改用到它的条件。'),
    }),
    check(t('个人信息（加密保存，列表和搜索里没有）'), personal, (yes) => set('personal', yes === byDefault(field.kind) ? undefined : yes || null)),
    inside || personal ? null : select(t('同时填入事项的'), field.sets, columns, (value) => set('sets', value)),
  ];
}

function rowFields(editor, place) {
  return button(t('加一列'), () => editor.edit((form) => {
    const list = editor.constructor.at(form, place);
    let number = list.fields.length + 1;
    while (list.fields.some(({ name }) => name === `item_${number}`)) number += 1;
    list.fields.push({ name: `item_${number}`, kind: 'text', label: { zh_CN: t('新的一列'), en: 'New column' } });
    editor.chosen = [...place, list.fields.length - 1];
  }));
}

function remove(editor, place) {
  editor.edit((form) => {
    editor.constructor.holder(form, place).splice(place.at(-1), 1);
    form.groups = form.groups.filter(({ fields }) => fields.length);
    editor.chosen = null;
  });
}

export function formSettings(editor) {
  const { definition } = editor;
  const set = (key, value) => editor.edit((form) => put(form, key, value));
  return [
    h('h2', {}, say(definition.title)),
    section(t('表单'), ...bilingual(t('标题'), definition.title, (value) => set('title', value)),
      ...bilingual(t('填写说明'), definition.help, (value) => set('help', value), { rows: 2, optional: true })),
    section(t('各组的标题'), ...definition.groups.flatMap((group, number) => bilingual(
      t('第 {number} 组', { number: number + 1 }), group.title,
      (value) => editor.edit((form) => put(form.groups[number], 'title', value)), { optional: true },
    ))),
    section(t('跨字段的规则'), ...rules(editor)),
    section(t('旁边显示以前的答案'), text(t('环节.字段，用空格分开'), (definition.shows ?? []).join(' '), (value) => set(
      'shows', value.trim() ? value.trim().split(/[\s,，]+/) : undefined,
    ), { mono: true, rows: 2, help: t('例如 report.summary') })),
  ];
}

/** A rule says what must hold; where it does not, its message stands at the form. */
function rules(editor) {
  const list = editor.definition.rules ?? [];
  const change = (number, key, value, how) => editor.edit((form) => { form.rules[number][key] = value; }, how);
  const shownRules = list.map((rule, number) => h('div', { class: 'prop rule' },
    new Composer([{ title: t('本表单'), fields: formFields(editor.definition) }], rule.test, (feel) => change(number, 'test', feel, { redraw: false })).element,
    bilingual(t('不成立时说'), rule.message, (value) => change(number, 'message', value)),
    button(t('删去这条规则'), () => editor.edit((form) => {
      form.rules.splice(number, 1);
      if (!form.rules.length) delete form.rules;
    }))));
  const add = () => editor.edit((form) => {
    form.rules = [...(form.rules ?? []), { test: 'true', message: { zh_CN: t('请核对'), en: 'Please check' } }];
  });
  return [...shownRules, button(t('加一条规则'), add)];
}
