// The questions of a form in their order: choose one, move it, add one.
import { button, h } from '../dom.js';
import { say, t } from '../words.js';
import { isPersonal, kindWords } from './kinds.js';

const same = (one, other) => one && other && one.length === other.length && one.every((value, at) => value === other[at]);

export function outline(editor) {
  const { definition } = editor;
  return [
    h('button', { type: 'button', class: 'outline-form', 'aria-current': editor.chosen ? undefined : 'true', onclick: () => editor.choose(null) },
      say(definition.title), h('small', { class: 'muted' }, t('标题、说明和规则'))),
    (definition.groups ?? []).map((group, number) => groupOf(editor, group, number)),
    button(t('加一组'), () => editor.edit((form) => {
      form.groups.push({ title: { zh_CN: t('新的一组'), en: 'New group' }, fields: [blank(editor)] });
      editor.chosen = [form.groups.length - 1, 0];
    })),
  ];
}

function groupOf(editor, group, number) {
  return h('section', { class: 'outline-group' },
    h('h2', {}, say(group.title) || t('（没有标题的一组）')),
    h('ol', {}, group.fields.map((field, at) => [
      item(editor, field, [number, at]),
      (field.fields ?? []).map((inner, place) => item(editor, inner, [number, at, place])),
    ])),
    button(t('加一题'), () => add(editor, number)));
}

function item(editor, field, place) {
  const chosen = same(editor.chosen, place);
  const words = say(field.label) || field.name;
  return h('li', { class: `outline-field${place.length > 2 ? ' outline-inner' : ''}` },
    h('button', { type: 'button', class: 'outline-open', 'aria-current': chosen ? 'true' : undefined, onclick: () => editor.choose(place) },
      h('span', {}, words, field.required ? h('span', { class: 'ink-red' }, ' *') : null),
      h('small', { class: 'muted' }, [kindWords(field.kind), isPersonal(field) ? t('个人信息') : '', field.show_when ? t('有条件') : ''].filter(Boolean).join(' · '))),
    chosen ? h('span', { class: 'outline-moves' },
      mover(editor, place, -1, '↑', t('上移：{words}', { words })), mover(editor, place, 1, '↓', t('下移：{words}', { words }))) : null);
}

function mover(editor, place, step, sign, words) {
  return h('button', { type: 'button', class: 'btn btn-link btn-small', title: words, 'aria-label': words, onclick: () => move(editor, place, step) }, sign);
}

/** Move a question up or down; past the end of its group into the next one. */
function move(editor, place, step) {
  const [group, at] = place;
  const to = place.at(-1) + step;
  editor.edit((form) => {
    const fields = editor.constructor.holder(form, place);
    const inside = to >= 0 && to < fields.length;
    const next = place.length === 2 ? form.groups[group + step] : null;
    if (inside) {
      fields.splice(to, 0, ...fields.splice(place.at(-1), 1));
      editor.chosen = [...place.slice(0, -1), to];
    } else if (next) {
      const [field] = form.groups[group].fields.splice(at, 1);
      const where = step > 0 ? 0 : next.fields.length;
      next.fields.splice(where, 0, field);
      editor.chosen = [group + step, where];
    }
  });
}

function add(editor, group) {
  editor.edit((form) => {
    form.groups[group].fields.push(blank(editor));
    editor.chosen = [group, form.groups[group].fields.length - 1];
  });
}

/** A question under a name that no form of the draft has: names are shared by the whole case. */
export function blank(editor) {
  const { forms } = editor.desk;
  const fields = forms.keys().flatMap((key) => (forms.definition(key)?.groups ?? []).flatMap((group) => group.fields ?? []));
  const taken = new Set([...fields, ...editor.definition.groups.flatMap((group) => group.fields)].map(({ name }) => name));
  let number = 1;
  while (taken.has(`field_${number}`)) number += 1;
  return { name: `field_${number}`, kind: 'text', label: { zh_CN: t('新的问题'), en: 'New question' } };
}
