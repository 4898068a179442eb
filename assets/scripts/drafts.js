// <form data-draft-url="..."> with an <output data-draft-note data-saved="已保存 {time}"
// data-failed="未能保存草稿">: what was typed is kept on the server while one types.

const PAUSE = 1500;
const LONGEST = 15_000;

class Draft {
  constructor(form) {
    this.form = form;
    this.note = form.querySelector('[data-draft-note]');
    this.timer = this.changedAt = this.saving = null;
    this.sent = false;
    form.addEventListener('input', () => this.changed());
    form.addEventListener('change', () => this.changed());
    form.addEventListener('submit', (event) => this.submitted(event));
    form.addEventListener('unsent', () => this.stays());
    form.addEventListener('keep', ({ detail }) => {
      if (this.changedAt !== null) detail.done = this.save();
    });
    window.addEventListener('pageshow', () => { this.sent = false; });
    window.addEventListener('pagehide', () => this.leave());
    // A phone ends a page in the background without another word.
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'hidden') this.leave();
    });
  }

  changed() {
    if (this.sent) return;
    this.changedAt ??= Date.now();
    clearTimeout(this.timer);
    const rest = Math.max(0, LONGEST - (Date.now() - this.changedAt));
    this.timer = setTimeout(() => this.save(), Math.min(PAUSE, rest));
  }

  forget() {
    clearTimeout(this.timer);
    this.changedAt = null;
  }

  /** The whole form is on its way: what the answers were before it no longer matters. */
  submitted(event) {
    if (event.defaultPrevented) return;
    this.sent = true;
    this.forget();
    this.saving?.abort();
  }

  /** The form did not leave: what was typed is a draft again. */
  stays() {
    this.sent = false;
    this.changed();
  }

  /** Answers without the files, which go up once, with the form. */
  answers() {
    const data = new FormData(this.form);
    for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
    return data;
  }

  /** One at a time, so that an older draft never comes after a newer one. */
  async save() {
    if (this.saving) {
      this.changed();
      return;
    }
    this.forget();
    this.saving = new AbortController();
    try {
      const answer = await fetch(this.form.dataset.draftUrl, {
        method: 'POST',
        body: this.answers(),
        headers: { Accept: 'application/json' },
        redirect: 'error',  // a login page is not a saved draft
        signal: this.saving.signal,
      });
      this.tell(answer.ok ? 'saved' : 'failed');
    } catch {
      this.tell('failed');
    } finally {
      this.saving = null;
    }
  }

  /** The page goes away with something unsaved: one last try that needs no page. */
  leave() {
    if (this.changedAt === null) return;
    this.forget();
    navigator.sendBeacon(this.form.dataset.draftUrl, this.answers());
  }

  tell(outcome) {
    if (!this.note || this.sent) return;
    const time = new Date().toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
    this.note.textContent = (this.note.dataset[outcome] ?? '').replace('{time}', time);
    this.note.classList.toggle('ink-red', outcome === 'failed');
  }
}

export function startDrafts(part) {
  for (const form of part.querySelectorAll('form[data-draft-url]')) {
    if (form.dataset.drafting) continue;
    form.dataset.drafting = 'yes';
    new Draft(form);
  }
}
