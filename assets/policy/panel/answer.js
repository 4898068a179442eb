// Where the citizen has the answer, and where it does not hold any more: what the clock goes by.
import { govOf } from '../gov.js';
import { t } from '../words.js';
import { note, section, select } from './controls.js';

const TYPES = { answered: 'gov:Answered', reopened: 'gov:Reopened' };
const HOLDERS = /Task$|Event$|Gateway$|SubProcess$|CallActivity$|SequenceFlow$/;

export function answerSections(desk, element) {
  if (!HOLDERS.test(element.type)) return [];
  const model = element.businessObject;
  const value = Object.keys(TYPES).find((key) => govOf(model, TYPES[key])) ?? '';
  const choices = [['', t('正常计时')], ['answered', t('到此已答复群众，停止计时')], ['reopened', t('答复无效，继续计时')]];
  return [section(t('群众的答复'), select(t('经过此处时'), value, choices, (chosen) => write(desk, element, model, chosen)),
    note(t('未标注的流程，办结视为答复。已标注的，每条结束路径均须经过一处标注。')))];
}

function write(desk, element, model, chosen) {
  const others = (model.extensionElements?.values ?? []).filter((one) => !Object.values(TYPES).includes(one.$type));
  const own = chosen ? [desk.changes.make(TYPES[chosen], {})] : [];
  desk.changes.replaceExtensions(element, model, [...others, ...own]);
}
