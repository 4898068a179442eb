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
  const choices = [['', t('照常走')], ['answered', t('到此已答复群众，时钟停下')], ['reopened', t('答复不算数，时钟接着走')]];
  return [section(t('群众的答复'), select(t('走过这里时'), value, choices, (chosen) => write(desk, element, model, chosen)),
    note(t('没有标出的流程，办结才算答复。标出的，走到结束的每条路都要经过一处。')))];
}

function write(desk, element, model, chosen) {
  const others = (model.extensionElements?.values ?? []).filter((one) => !Object.values(TYPES).includes(one.$type));
  const own = chosen ? [desk.changes.make(TYPES[chosen], {})] : [];
  desk.changes.replaceExtensions(element, model, [...others, ...own]);
}
