// <textarea data-mentions="list-id">: an @ offers the people of that list; its buttons write a name.

const MOST = 8;

class Mentions {
  constructor(area) {
    this.area = area;
    this.people = document.getElementById(area.dataset.mentions);
    this.box = document.createElement('ul');
    this.box.className = 'mention-list';
    this.box.id = `${area.id}-offer`;
    this.box.setAttribute('role', 'listbox');
    this.box.setAttribute('aria-label', area.labels[0]?.textContent ?? '');
    this.box.hidden = true;
    area.after(this.box);
    area.setAttribute('aria-controls', this.box.id);
    area.setAttribute('aria-autocomplete', 'list');
    area.addEventListener('input', () => this.offer());
    area.addEventListener('keydown', (event) => this.obey(event));
    area.addEventListener('blur', () => setTimeout(() => this.close(), 150));
    this.people.addEventListener('click', (event) => this.fromList(event));
  }

  /** Where the name that is being typed begins; -1 when none is. */
  begin() {
    const before = this.area.value.slice(0, this.area.selectionStart);
    const at = before.lastIndexOf('@');
    return at >= 0 && !/[\s@]/.test(before.slice(at + 1)) ? at : -1;
  }

  /** Those who may read what is written: of an internal note the unit's own people. */
  readers() {
    const unit = this.area.form.querySelector('[name="internal_to"]:checked')?.value;
    const items = [...this.people.children];
    return items.filter((item) => !unit || item.dataset.units.split(' ').includes(unit));
  }

  offer() {
    const at = this.begin();
    if (at < 0) return this.close();
    const typed = this.area.value.slice(at + 1, this.area.selectionStart);
    const fits = this.readers().filter((item) => item.textContent.includes(typed)).slice(0, MOST);
    this.box.replaceChildren(...fits.map((item, index) => this.option(item, index)));
    this.box.hidden = !fits.length;
    this.choose(0);
  }

  option(item, index) {
    const option = document.createElement('li');
    option.id = `${this.box.id}-${index}`;
    option.setAttribute('role', 'option');
    option.dataset.mention = item.querySelector('[data-mention]').dataset.mention;
    option.textContent = item.textContent.trim();
    option.addEventListener('mousedown', (event) => {
      event.preventDefault();  // the text keeps the focus
      this.write(option.dataset.mention);
    });
    return option;
  }

  choose(index) {
    const options = [...this.box.children];
    this.at = options.length ? (index + options.length) % options.length : -1;
    options.forEach((option, place) => option.setAttribute('aria-selected', String(place === this.at)));
    if (this.at >= 0 && !this.box.hidden) this.area.setAttribute('aria-activedescendant', options[this.at].id);
    else this.area.removeAttribute('aria-activedescendant');
  }

  obey(event) {
    if (this.box.hidden || event.isComposing) return;
    const keys = {
      ArrowDown: () => this.choose(this.at + 1),
      ArrowUp: () => this.choose(this.at - 1),
      Enter: () => this.write(this.box.children[this.at].dataset.mention),
      Tab: () => this.write(this.box.children[this.at].dataset.mention),
      Escape: () => this.close(),
    };
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  }

  /** The name in place of what was typed of it, or where the cursor is. */
  write(name) {
    const { selectionStart: end } = this.area;
    const begin = this.begin();
    this.area.setRangeText(`@${name} `, begin < 0 ? end : begin, end, 'end');
    this.area.focus();
    this.close();
  }

  fromList(event) {
    const button = event.target.closest('[data-mention]');
    if (button) this.write(button.dataset.mention);
  }

  close() {
    this.box.hidden = true;
    this.choose(-1);
  }
}

export function startMentions(part) {
  for (const area of part.querySelectorAll('[data-mentions]')) {
    if (area.dataset.ready || !document.getElementById(area.dataset.mentions)) continue;
    area.dataset.ready = 'yes';
    new Mentions(area);
  }
}
