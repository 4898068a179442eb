// What every element has: a name in both languages, a note on why it is there, its id.
import { englishOf, modelOf } from '../gov.js';
import { t } from '../words.js';
import { section, text } from './controls.js';

export function generalSection(desk, element) {
  const model = modelOf(element);
  const documentation = model.documentation?.[0]?.text ?? '';
  const describe = (words) => {
    const made = words ? [desk.changes.make('bpmn:Documentation', { text: words })] : [];
    for (const one of made) one.$parent = model;
    desk.changes.set(element, model, { documentation: made });
  };
  return section(t('名称和说明'),
    text(t('名称'), model.name, (name) => rename(desk, element, model, name), { rows: model.name?.includes('\n') ? 2 : undefined }),
    text(t('英文名称'), englishOf(model), (words) => desk.changes.setEnglish(element, model, words.trim())),
    text(t('说明和依据'), documentation, describe, { rows: 3 }),
    text(t('编号'), model.id, (id) => reId(desk, element, model, id.trim()), {
      mono: true, help: t('条件、退回和历史里用到它；在办的事项认得它，发布过的不要改。'),
    }));
}

function rename(desk, element, model, name) {
  // A pool carries a name of its own, which is what the picture shows.
  if (element.businessObject !== model) desk.changes.together(() => {
    desk.changes.own(element, { name });
    desk.changes.set(element, model, { name });
  });
  else desk.changes.own(element, { name });
}

function reId(desk, element, model, id) {
  const taken = desk.modeler.get('elementRegistry').get(id);
  if (!/^[\p{L}_][\p{L}\p{N}_.-]*$/u.test(id) || taken) {
    desk.say(taken ? t('编号“{id}”已经有了。', { id }) : t('编号用字母、汉字、数字和下划线，不以数字开头。'));
    desk.refresh();
    return;
  }
  if (element.businessObject === model) desk.changes.own(element, { id });
  else desk.changes.set(element, model, { id });
}
