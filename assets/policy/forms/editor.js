// The form editor: which questions in which order on the left, one question's settings in the
// middle, and how the server shows the form on the right.
import { button, fill, h } from '../dom.js';
import { dropdown } from '../panel/controls.js';
import { t } from '../words.js';
import { outline } from './outline.js';
import { Preview } from './preview.js';
import { fieldSettings, formSettings } from './settings.js';

const DEEPEST = 100;

export class FormEditor {
  constructor(desk, container) {
    Object.assign(this, { desk, container, chosen: null, past: [], future: [] });
    this.side = h('div', { class: 'form-outline' });
    this.settings = h('div', { class: 'form-side', tabIndex: 0, role: 'group', 'aria-label': t('这一项的设置') });
    this.preview = new Preview(desk);
    fill(container, this.side, this.settings, this.preview.element);
    desk.draft.on('replaced', ({ path }) => this.key && path === desk.forms.path(this.key) && this.read());
  }

  show({ key, field } = {}) {
    this.desk.acting = this;
    const wanted = key ?? this.key ?? this.desk.forms.keys()[0];
    if (wanted !== this.key || !this.definition) this.open(wanted);
    else if (this.written !== this.desk.draft.files[this.desk.forms.path(wanted)]) this.read();
    if (field) this.choose(this.find(field));
  }

  open(key) {
    Object.assign(this, { key, chosen: null, past: [], future: [] });
    this.read();
  }

  read() {
    const { desk, key } = this;
    this.written = key && desk.draft.files[desk.forms.path(key)];
    this.definition = key ? structuredClone(desk.forms.definition(key)) : null;
    this.draw();
  }

  /** Change the form; `act` gets a copy, so that the step before can come back. */
  edit(act, { redraw = true } = {}) {
    this.past = [...this.past.slice(-DEEPEST), this.definition];
    this.future = [];
    this.definition = structuredClone(this.definition);
    act(this.definition);
    this.write(redraw);
  }

  write(redraw = true) {
    this.desk.forms.put(this.key, this.definition);
    this.written = this.desk.draft.files[this.desk.forms.path(this.key)];
    if (redraw) this.draw();
    else this.drawOutline();
    this.preview.show(this.written);
  }

  undo() {
    this.step(this.past, this.future);
  }

  redo() {
    this.step(this.future, this.past);
  }

  step(from, to) {
    if (!from.length) return;
    to.push(this.definition);
    this.definition = from.pop();
    this.write();
  }

  /** The place of a field by its name, as [group, field] or [group, field, inner]. */
  find(name) {
    for (const [group, { fields }] of this.definition.groups.entries()) {
      for (const [at, field] of fields.entries()) {
        if (field.name === name) return [group, at];
        const inner = (field.fields ?? []).findIndex((one) => one.name === name);
        if (inner >= 0) return [group, at, inner];
      }
    }
    return null;
  }

  /** The list that holds a place, in `definition`. */
  static holder(definition, [group, at, inner]) {
    const { fields } = definition.groups[group];
    return inner === undefined ? fields : fields[at].fields;
  }

  static at(definition, place) {
    return FormEditor.holder(definition, place)?.[place.at(-1)];
  }

  choose(place) {
    this.chosen = place;
    this.draw();
  }

  draw() {
    this.drawOutline();
    const { settings, definition } = this;
    if (!definition) {
      fill(settings, h('p', { class: 'muted' }, this.key ? t('这个表单不能读，请看下面的检查。') : t('暂无表单。')));
      return;
    }
    if (this.chosen && !FormEditor.at(definition, this.chosen)) this.chosen = null;
    const { scrollTop } = settings;
    fill(settings, this.chosen ? fieldSettings(this, this.chosen) : formSettings(this));
    settings.scrollTop = scrollTop;
    this.preview.show(this.written);
  }

  drawOutline() {
    const { forms, draft } = this.desk;
    const head = h('div', { class: 'form-choice' },
      dropdown(this.key ?? '', forms.choices(), (key) => this.open(key), { label: t('表单') }),
      button(t('新建'), () => this.open(forms.create())),
      this.key && this.unused() ? button(t('删除'), () => this.remove(), { title: t('无环节使用') }) : null);
    fill(this.side, head, this.definition ? outline(this, draft) : null);
  }

  /** Whether no diagram of the draft names the form. */
  unused() {
    const { draft } = this.desk;
    return !draft.paths('.bpmn').some((path) => draft.files[path].includes(`form="${this.key}"`));
  }

  remove() {
    this.desk.forms.remove(this.key);
    this.open(this.desk.forms.keys()[0]);
  }
}
