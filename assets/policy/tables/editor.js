// Decision tables: dmn-js in our language, saved into the draft as one changes a cell.
import DmnModeler from 'dmn-js/lib/Modeler';
import 'dmn-js/dist/assets/diagram-js.css';
import 'dmn-js/dist/assets/dmn-js-shared.css';
import 'dmn-js/dist/assets/dmn-js-drd.css';
import 'dmn-js/dist/assets/dmn-js-decision-table.css';
import 'dmn-js/dist/assets/dmn-js-decision-table-controls.css';
import 'dmn-js/dist/assets/dmn-js-literal-expression.css';
import 'dmn-js/dist/assets/dmn-font/css/dmn-embedded.css';
import gov from '../../diagrams/gov-moddle.json';
import { button, fill, h } from '../dom.js';
import { keeper } from '../kept.js';
import { english, t } from '../words.js';
import { dropdown } from '../panel/controls.js';
import { DMN_WORDS } from './dmn_words.js';
import { readable } from './versions.js';

const PAUSE = 300;
const VIEWS = ['drd', 'decisionTable', 'literalExpression', 'boxedExpression'];

function translate(template, values = {}) {
  const text = english ? template : DMN_WORDS[template] ?? template;
  return text.replace(/{([^}]+)}/g, (whole, name) => values[name] ?? whole);
}

const additionalModules = [{ translate: ['value', translate] }];

const MEANINGS = {
  sign: '签收时限', handle: '办理时限', citizen: '答复时限', notify: '告知', supervise: '督办', reassign: '收回改派', escalate: '抛出升级事件',
};

/** Of the codes that a table's columns may hold, what each means. */
function legend(xml, words) {
  const allowed = new Set([...xml.matchAll(/<(?:\w+:)?(?:input|output)Values[\s\S]*?<\/(?:\w+:)?(?:input|output)Values>/g)].flatMap(([part]) => part.match(/[a-z_]+(?=(?:"|&#34;|&quot;))/g) ?? []));
  const known = [...words.levels, ...words.roles, ...words.limitUnits, ...Object.entries(MEANINGS).map(([code, meaning]) => [code, t(meaning)])];
  const shown = known.filter(([code]) => allowed.has(code));
  if (!shown.length) return null;
  return h('details', { class: 'table-legend' }, h('summary', {}, t('代码是什么意思')),
    h('dl', {}, shown.map(([code, meaning]) => h('div', {}, h('dt', { class: 'mono' }, `"${code}"`), h('dd', {}, meaning)))));
}

export class TableEditor {
  constructor(desk, container) {
    Object.assign(this, { desk, container });
    this.bar = h('div', { class: 'table-bar' });
    this.canvas = h('div', { class: 'table-canvas' });
    fill(container, this.bar, this.canvas);
    const options = Object.fromEntries(VIEWS.map((name) => [name, { additionalModules }]));
    this.modeler = new DmnModeler({ container: this.canvas, moddleExtensions: { gov }, keyboard: {}, ...options });
    this.modeler.on('viewer.created', ({ viewer }) => viewer.on('commandStack.changed', () => this.changed()));
    desk.draft.on('replaced', ({ path }) => path === this.path && this.open(path));
    document.addEventListener('visibilitychange', () => document.hidden && this.write());
    this.canvas.addEventListener('contextmenu', () => requestAnimationFrame(() => this.translate()));
  }

  /** Show a decision; without one, the last that was open or the first there is. */
  async show({ path, decision } = {}) {
    const known = this.desk.tables.decisions();
    const wanted = known.find((one) => one.id === decision || (path && one.path === path)) ?? known.find((one) => one.path === this.path) ?? known[0];
    if (!wanted) {
      this.showNone();
      return;
    }
    if (wanted.path !== this.path || this.stale()) await this.open(wanted.path);
    await this.view(wanted.id);
  }

  showNone() {
    fill(this.bar, h('p', { class: 'muted' }, t('暂无决策表。')), this.adding());
  }

  stale() {
    return this.text !== this.desk.draft.files[this.path];
  }

  async open(path) {
    await this.write();
    this.path = path;
    this.text = this.desk.draft.files[path];
    this.opening = true;
    try {
      const { xml, back } = await readable(this.text);
      await this.modeler.importXML(xml);
      const keep = keeper(xml, (await this.modeler.saveXML({ format: true })).xml);
      this.keep = (written) => back(keep(written));
    } finally {
      this.opening = false;
    }
  }

  async view(id) {
    const view = this.modeler.getViews().find(({ element }) => element.id === id);
    if (view) await this.modeler.open(view);
    this.desk.acting = this.stack();
    this.showBar(id);
    this.translate();
  }

  /** A few words of the table's own are written where no translation is asked for. */
  translate() {
    if (english) return;
    for (const name of ['title', 'aria-label']) {
      for (const element of this.canvas.querySelectorAll(`[${name}]`)) {
        const words = DMN_WORDS[element.getAttribute(name)];
        if (words) element.setAttribute(name, words);
      }
    }
  }

  stack() {
    const command = (name) => () => this.modeler.getActiveViewer()?.get('commandStack')[name]();
    return { undo: command('undo'), redo: command('redo') };
  }

  showBar(id) {
    const choices = this.desk.tables.decisions().map((one) => [one.id, one.name || one.id]);
    fill(this.bar,
      dropdown(id, choices, (decision) => this.show({ decision }), { label: t('决策表') }),
      h('span', { class: 'muted' }, t('“-”表示不限；文字加英文双引号，几个值用逗号分开。')),
      legend(this.text, this.desk.words),
      this.adding());
  }

  adding() {
    if (this.desk.draft.process === 'escalation') return null;
    return button(t('新建决策表'), () => this.desk.openDecision(this.desk.tables.create()));
  }

  changed() {
    if (this.opening) return;
    clearTimeout(this.timer);
    this.dirty = true;
    this.timer = setTimeout(() => this.write(), PAUSE);
  }

  async write() {
    clearTimeout(this.timer);
    if (!this.dirty) return;
    this.dirty = false;
    this.text = this.keep((await this.modeler.saveXML({ format: true })).xml);
    this.desk.draft.put(this.path, this.text, { source: 'table' });
  }
}
