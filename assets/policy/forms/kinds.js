// The kinds of questions and what each may be told besides its label; as forms/kinds.py has them.
import { t } from '../words.js';

const RANGE = ['min', 'max'];

/** kind -> [words, options] */
const KINDS = {
  text: ['一行文字', ['max_length']],
  textarea: ['多行文字', ['max_length', 'rows']],
  number: ['数字', [...RANGE, 'decimals']],
  money: ['金额（元）', [...RANGE, 'decimals']],
  date: ['日期', RANGE],
  datetime: ['日期和时间', RANGE],
  time: ['时间', RANGE],
  duration: ['时长', RANGE],
  yes_no: ['是或否', []],
  choice: ['选一项', ['choices']],
  choices: ['选几项', ['choices', ...RANGE]],
  phone: ['电话', []],
  resident_id: ['身份证号', []],
  person: ['姓名', ['max_length']],
  address: ['地址', ['max_length']],
  place: ['事发地', []],
  unit: ['一个单位', []],
  units: ['几个单位', RANGE],
  staff: ['一名工作人员', ['role']],
  position: ['定位', []],
  files: ['附件', ['accept', ...RANGE]],
  list: ['可增减行的列表', ['fields', ...RANGE]],
  people: ['当事人等人员', ['roles', 'asks', ...RANGE]],
  note: ['一段说明（不用填）', []],
  rating: ['1 至 5 星', []],
};
const PERSONAL = new Set(['phone', 'resident_id', 'person', 'address']);

export const kindChoices = (inside) => Object.entries(KINDS)
  .filter(([kind]) => !inside || !['list', 'people'].includes(kind)).map(([kind, [words]]) => [kind, t(words)]);
export const kindWords = (kind) => t(KINDS[kind]?.[0] ?? kind);
export const options = (kind) => KINDS[kind]?.[1] ?? [];
export const isPersonal = (field) => field.personal ?? PERSONAL.has(field.kind);
export const byDefault = (kind) => PERSONAL.has(kind);

const OPTIONAL = ['min', 'max', 'max_length', 'decimals', 'rows', 'accept', 'choices', 'fields', 'roles', 'asks', 'role'];

/** Give a field another kind: what the new kind does not know goes, what it needs comes. */
export function become(field, kind) {
  field.kind = kind;
  for (const key of OPTIONAL) if (!options(kind).includes(key)) delete field[key];
  if (kind === 'note') for (const key of ['required', 'required_when', 'personal', 'sets', 'default']) delete field[key];
  if (byDefault(kind)) delete field.sets;
  if (options(kind).includes('choices')) field.choices ??= [choice(1), choice(2)];
  if (kind === 'staff') field.role ??= 'mediator';
  if (kind === 'people') field.roles ??= ['applicant'];
  if (kind === 'people') field.asks ??= ['resident_id', 'phone', 'address'];
  if (kind === 'list') field.fields ??= [{ name: 'item', kind: 'text', label: { zh_CN: t('内容'), en: 'Item' } }];
}

export const choice = (number) => ({ value: `选项${number}`, label: { zh_CN: `选项${number}`, en: `Choice ${number}` } });
