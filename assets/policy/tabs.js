// Diagram, forms and tables: one is in view; the other two are loaded when first asked for.

export class Tabs {
  constructor(desk, bar, place) {
    Object.assign(this, { desk, bar, place, parts: {} });
    desk.tabs = this;
    bar.addEventListener('click', ({ target }) => {
      const name = target.closest('[data-tab]')?.dataset.tab;
      if (name) this.show(name);
    });
    bar.addEventListener('keydown', (event) => this.walk(event));
  }

  async show(name, wanted = {}) {
    this.shown = name;
    this.desk.acting = null;  // the diagram's own undo
    for (const tab of this.bar.querySelectorAll('[data-tab]')) {
      const chosen = tab.dataset.tab === name;
      tab.setAttribute('aria-selected', String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
      this.place(`tab-${tab.dataset.tab}`).hidden = !chosen;
    }
    this.parts[name] ??= this.load(name);
    this.place('zoom').hidden = name !== 'diagram';
    const part = await this.parts[name];
    if (this.shown === name) await part?.show(wanted);
  }

  async load(name) {
    const container = this.place(`tab-${name}`);
    if (name === 'form') return new (await import('./forms/editor.js')).FormEditor(this.desk, container);
    if (name === 'table') return new (await import('./tables/editor.js')).TableEditor(this.desk, container);
    return null;
  }

  walk(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const tabs = [...this.bar.querySelectorAll('[data-tab]')];
    const next = tabs[(tabs.indexOf(document.activeElement) + step + tabs.length) % tabs.length];
    next.focus();
    this.show(next.dataset.tab);
  }
}
