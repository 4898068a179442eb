// <form data-beside="url" data-shows="id" data-title="name" data-text="name">: while somebody types,
// what is known of it stands beside: the caller's earlier cases, likely duplicates. A title that was
// left out is the first words of the text. Everything by keyboard: Ctrl+Enter sends, Alt+1 joins.

const PAUSE = 400;
const LONGEST_TITLE = 30;

class Call {
  constructor(form) {
    this.form = form;
    this.beside = document.getElementById(form.dataset.shows);
    this.timer = this.asking = null;
    form.addEventListener('input', () => this.later());
    form.addEventListener('change', () => this.later());
    form.addEventListener('focusout', ({ target }) => this.name(target));
    document.addEventListener('keydown', (event) => this.obey(event));
    this.beside.addEventListener('click', ({ target }) => this.take(target.closest('[data-key]')));
    // Whoever opens the form begins to type; a reader of errors stays where these are.
    const first = form.querySelector('.field:not([hidden]) :is(input:checked, input:not([type="radio"]), select, textarea)');
    if (document.activeElement === document.body) first?.focus({ preventScroll: true });
    form.querySelector('[data-parts]')?.addEventListener('click', () => this.part());
    this.later();
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), PAUSE);
  }

  async ask() {
    this.asking?.abort();
    this.asking = new AbortController();
    const data = new FormData(this.form);
    for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
    try {
      const answer = await fetch(this.form.dataset.beside, {
        method: 'POST', body: data, redirect: 'error', signal: this.asking.signal,
      });
      if (answer.ok) this.beside.innerHTML = await answer.text();
    } catch {
      // Somebody types on, or the network is away: help comes with the next pause.
    }
  }

  /** Somebody leaves the text: a title that is missing is its first words, without numbers. */
  name(left) {
    const { title, text } = this.form.dataset;
    const field = title && this.form.elements[title];
    if (!field || left.name !== text || field.value.trim()) return;
    const first = left.value.trim().split(/[，。；！？,;!?\n]/)[0];
    field.value = [...first.replace(/[0-9]{7,}/g, '')].slice(0, LONGEST_TITLE).join('');
    field.dispatchEvent(new Event('input', { bubbles: true }));
  }

  obey(event) {
    if (event.isComposing) return;
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.form.requestSubmit();
    } else if (event.altKey && /^(Digit[1-9]|Key[KL])$/.test(event.code)) {
      const button = this.beside.querySelector(`[data-key="${event.code.at(-1)}"]`);
      if (!button) return;
      event.preventDefault();
      this.take(button);
    }
  }

  /** What was offered beside: this call is about that matter, or that answer fits. */
  take(button) {
    if (!button) return;
    const { joins, says, fills, article, puts, value } = button.dataset;
    if (fills) {
      this.fill(JSON.parse(fills), article);
      return;
    }
    if (joins) {
      if (says) this.say(says);
      this.note(joins);
      return;
    }
    const field = this.form.elements[puts];
    field.value = value;
    (field instanceof RadioNodeList ? field[0] : field).dispatchEvent(new Event('change', { bubbles: true }));
  }

  /** The article answers: what it says goes into the form, and which one it was. */
  fill(values, article) {
    for (const [name, value] of Object.entries(values)) {
      const field = this.form.elements[name];
      if (!field) continue;
      field.value = value;
      (field instanceof RadioNodeList ? field[0] : field).dispatchEvent(new Event('change', { bubbles: true }));
    }
    if (this.form.querySelector(`input[name="article"][value="${article}"]`)) return;
    const used = document.createElement('input');
    Object.assign(used, { type: 'hidden', name: 'article', value: article });
    this.form.append(used);
  }

  /** Of an event that many call about, title and text are known: what is empty is filled in. */
  say(words) {
    for (const name of [this.form.dataset.title, this.form.dataset.text]) {
      const field = name && this.form.elements[name];
      if (!field || field.value.trim()) continue;
      field.value = words;
      field.dispatchEvent(new Event('input', { bubbles: true }));
    }
  }

  part() {
    this.note('');
  }

  note(number) {
    this.form.elements.joins.value = number;
    const line = this.form.querySelector('[data-joined]');
    line.hidden = !number;
    line.querySelector('strong').textContent = number;
    this.form.dispatchEvent(new Event('input', { bubbles: true }));
  }
}

/** What is wrong in a closed part of a form is shown before the browser points at it. */
function unfold({ target }) {
  for (let part = target.closest('details'); part; part = part.parentElement.closest('details')) part.open = true;
}

/** A link that leaves a form waits until its draft is kept, so that the next page knows of it. */
function keepFirst(event) {
  const link = event.target.closest?.('a[data-keeps]');
  const form = document.querySelector('form[data-drafting]');
  if (!link || !form || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const kept = new CustomEvent('keep', { detail: {} });
  form.dispatchEvent(kept);
  Promise.resolve(kept.detail.done).finally(() => location.assign(link.href));
}

export function startCalls(part) {
  for (const form of part.querySelectorAll('form[data-beside]')) {
    if (form.dataset.calling) continue;
    form.dataset.calling = 'yes';
    new Call(form);
  }
}

document.addEventListener('invalid', unfold, true);
document.addEventListener('click', keepFirst);
