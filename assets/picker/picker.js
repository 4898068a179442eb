// A <select> of many options becomes a field in which one types two letters or characters of what
// one means: a part of its name, pinyin, initials, its code. The select stays, holds the answer and
// is what a page without scripts has. data-near="code code": what lies near comes first.

const MANY = 15;
const MOST = 12;
const ACTS = ['ArrowDown', 'ArrowUp', 'Enter', 'Escape'];
let table = null;

/** The table of sounds, fetched once and only where somebody picks. */
function loadSounds() {
  table ??= import('./sounds.js').catch((error) => {
    table = null;
    throw error;
  });
  return table;
}

class Picker {
  constructor(select) {
    this.select = select;
    this.choices = [...select.options].filter((one) => one.value !== '').map((one) => ({
      option: one,
      name: one.textContent.trim(),
      beside: one.closest('optgroup')?.label ?? '',
    }));
    // Keys that come before their list is there wait for it; null while none is awaited.
    this.keys = null;
    this.near = (select.dataset.near ?? '').split(' ').filter(Boolean);
    this.blank = [...select.options].find((one) => one.value === '');
    this.make();
    this.show();
    select.addEventListener('change', () => this.show());
    // Errors lead to the select by its id, and so does the browser where an answer is missing.
    select.addEventListener('focus', () => this.input.focus());
    select.form?.addEventListener('reset', () => setTimeout(() => this.show()));
  }

  make() {
    const { select } = this;
    this.input = document.createElement('input');
    this.input.className = 'form-control';
    this.input.id = `${select.id}-pick`;
    this.input.autocomplete = 'off';
    this.input.placeholder = document.documentElement.dataset.pick ?? '';
    for (const [name, value] of Object.entries({
      role: 'combobox', 'aria-autocomplete': 'list', 'aria-expanded': 'false',
      'aria-controls': `${select.id}-offer`, spellcheck: 'false',
    })) this.input.setAttribute(name, value);
    for (const name of ['aria-describedby', 'aria-invalid', 'aria-label']) {
      if (select.hasAttribute(name)) this.input.setAttribute(name, select.getAttribute(name));
    }
    this.list = document.createElement('ul');
    this.list.className = 'pick-list';
    this.list.id = `${select.id}-offer`;
    this.list.setAttribute('role', 'listbox');
    this.list.hidden = true;
    const label = select.labels[0];
    if (label) {
      this.list.setAttribute('aria-label', label.textContent.trim());
      label.htmlFor = this.input.id;
    } else if (select.hasAttribute('aria-label')) {
      this.list.setAttribute('aria-label', select.getAttribute('aria-label'));
    }
    this.box = document.createElement('div');
    this.box.className = 'pick';
    select.before(this.box);
    this.box.append(this.input, this.list, select);
    select.classList.add('pick-kept');
    select.tabIndex = -1;
    select.setAttribute('aria-hidden', 'true');
    this.listen();
  }

  listen() {
    const { input } = this;
    input.addEventListener('focus', () => input.select());
    input.addEventListener('click', () => this.offer(''));
    input.addEventListener('input', (event) => {
      event.stopPropagation();  // nothing is answered yet
      if (!event.isComposing) this.offer(input.value);
    });
    input.addEventListener('compositionend', () => this.offer(input.value));
    input.addEventListener('change', (event) => event.stopPropagation());
    input.addEventListener('keydown', (event) => this.obey(event));
    input.addEventListener('blur', () => this.leave());
    this.list.addEventListener('mousedown', (event) => event.preventDefault());
    this.list.addEventListener('click', (event) => {
      const item = event.target.closest('[role="option"]');
      if (item) this.take(this.offered[[...this.list.children].indexOf(item)]);
    });
  }

  /** What is chosen, in words. */
  show() {
    const chosen = this.choices.find(({ option }) => option.selected);
    this.input.value = chosen ? chosen.name : '';
    this.close();
  }

  async offer(text) {
    this.typed = text;
    this.keys ??= [];
    const { fold, fits, keysOf } = await loadSounds();
    if (this.typed !== text) return;  // somebody typed on
    const typed = fold(text);
    const distance = (one) => {
      const at = this.near.indexOf(one.option.value);
      return at < 0 ? this.near.length : at;
    };
    const worth = (one) => {
      if (!typed) return 1;
      one.keys ??= keysOf(one.name);
      const code = one.option.value.toLowerCase();
      if (code === text.trim().toLowerCase()) return 10;
      return Math.max(fits(typed, one.keys), /\d{3}/.test(typed) && code.includes(typed) ? 1 : 0);
    };
    const found = this.choices
      .filter(({ option }) => !option.disabled)
      .map((one, at) => ({ one, at, worth: worth(one), distance: distance(one) }))
      .filter((each) => each.worth > 0)
      .sort((a, b) => b.worth - a.worth || a.distance - b.distance || a.at - b.at);
    this.offered = found.slice(0, typed ? MOST : 200).map(({ one }) => one);
    this.fill();
    const keys = this.keys ?? [];
    this.keys = null;
    for (const key of keys) this.act(key);
  }

  fill() {
    this.list.replaceChildren(...this.offered.map((one, at) => {
      const item = document.createElement('li');
      item.id = `${this.list.id}-${at}`;
      item.setAttribute('role', 'option');
      item.append(one.name);
      if (one.beside) {
        const beside = document.createElement('small');
        beside.textContent = ` ${one.beside}`;
        item.append(beside);
      }
      return item;
    }));
    this.list.hidden = !this.offered.length;
    this.input.setAttribute('aria-expanded', String(!this.list.hidden));
    this.point(0);
  }

  point(to) {
    const items = [...this.list.children];
    this.at = items.length ? (to + items.length) % items.length : -1;
    items.forEach((item, at) => item.setAttribute('aria-selected', String(at === this.at)));
    if (this.at < 0) {
      this.input.removeAttribute('aria-activedescendant');
      return;
    }
    this.input.setAttribute('aria-activedescendant', items[this.at].id);
    items[this.at].scrollIntoView({ block: 'nearest' });
  }

  obey(event) {
    if (event.isComposing) return;
    if (this.keys && ACTS.includes(event.key)) {
      event.preventDefault();
      event.stopPropagation();
      this.keys.push(event.key);
      return;
    }
    const open = !this.list.hidden;
    if (event.key === 'ArrowDown' && !open) {
      event.preventDefault();
      this.offer('');
      return;
    }
    if (!open) {
      // Enter sends no form from a field that only helps to choose.
      if (event.key === 'Enter' && this.input.value !== this.chosenName()) event.preventDefault();
      return;
    }
    if (event.key === 'Tab') {
      if (this.typed) this.take(this.offered[this.at]);
      return;
    }
    if (!ACTS.includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    this.act(event.key);
  }

  act(key) {
    if (key === 'Escape') this.show();
    else if (!this.offered.length || this.list.hidden) return;
    else if (key === 'ArrowDown') this.point(this.at + 1);
    else if (key === 'ArrowUp') this.point(this.at - 1);
    else this.take(this.offered[this.at]);
  }

  chosenName() {
    return this.choices.find(({ option }) => option.selected)?.name ?? '';
  }

  take(one) {
    this.put(one.option);
    this.close();
    // What is typed next takes its place.
    if (document.activeElement === this.input) this.input.select();
  }

  put(option) {
    const changed = !option.selected;
    option.selected = true;
    this.show();
    if (!changed) return;
    this.select.dispatchEvent(new Event('input', { bubbles: true }));
    this.select.dispatchEvent(new Event('change', { bubbles: true }));
  }

  /** An emptied field takes the answer back; what was half typed chooses nothing. */
  leave() {
    if (!this.input.value.trim() && this.blank) this.put(this.blank);
    else this.show();
  }

  close() {
    this.typed = this.keys = null;
    this.list.hidden = true;
    this.input.setAttribute('aria-expanded', 'false');
    this.input.removeAttribute('aria-activedescendant');
  }
}

/** A long list of boxes to tick gets a field that shows what fits, and what is ticked. */
class Sieve {
  constructor(box) {
    this.lines = [...box.querySelectorAll('.form-check')];
    const input = document.createElement('input');
    input.className = 'form-control sieve';
    input.type = 'search';
    input.autocomplete = 'off';
    input.placeholder = box.dataset.sieve;
    input.setAttribute('aria-label', box.dataset.sieve);
    input.addEventListener('focus', () => loadSounds());
    input.addEventListener('input', (event) => {
      event.stopPropagation();
      this.sift(input.value);
    });
    input.addEventListener('change', (event) => event.stopPropagation());
    input.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') event.preventDefault();
    });
    box.prepend(input);
  }

  async sift(text) {
    const { fold, fits, keysOf } = await loadSounds();
    const typed = fold(text);
    for (const line of this.lines) {
      const kept = line.querySelector('input').checked;
      line.hidden = !(kept || !typed || fits(typed, keysOf(line.textContent.trim())) > 0);
    }
  }
}

export function startPickers(part) {
  for (const select of part.querySelectorAll('select.form-select')) {
    if (select.dataset.picker || select.multiple || select.dataset.submits !== undefined) continue;
    if (select.options.length <= MANY || !select.id) continue;
    select.dataset.picker = 'yes';
    new Picker(select);
    loadSounds();
  }
  for (const box of part.querySelectorAll('[data-sieve]')) {
    if (box.dataset.picker || box.querySelectorAll('.form-check').length <= MANY) continue;
    box.dataset.picker = 'yes';
    new Sieve(box);
  }
}
