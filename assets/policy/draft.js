// The draft on the server and what is not there yet: files by path, saved while one draws.
import { forget, recall, remember } from './unsaved.js';
import { say, t } from './words.js';

const PAUSE = 300;
const RETRY = 5000;

/** Asks the server as a page of ours does. */
export async function ask(url, method = 'GET', body = undefined) {
  const token = document.querySelector('meta[name="csrf-token"]').content;
  return fetch(url, {
    method,
    headers: { Accept: 'application/json', 'Content-Type': 'application/json', 'X-CSRFToken': token },
    body: body === undefined ? undefined : JSON.stringify(body),
    redirect: 'error',  // a login page is no answer
  });
}

export class Draft extends EventTarget {
  constructor(url) {
    super();
    this.url = url;
    this.files = {};
    this.saved = {};  // what the server is known to hold
    this.waiting = new Set();  // paths that it does not hold yet
    this.conflict = null;
    window.addEventListener('beforeunload', (event) => {
      if (this.waiting.size) event.preventDefault();
    });
    document.addEventListener('visibilitychange', () => document.hidden && this.save());
  }

  async load() {
    const { revision, process, files, context } = await this.fetchFiles();
    Object.assign(this, { revision, process, context, files: { ...files }, saved: { ...files } });
    return this;
  }

  async fetchFiles() {
    const answer = await ask(`${this.url}/files`);
    if (!answer.ok) throw new Error(`the draft answered ${answer.status}`);
    return answer.json();
  }

  paths(suffix) {
    return Object.keys(this.files).filter((path) => path.endsWith(suffix)).sort();
  }

  /** Take a file's new text, or null to delete it, and send it soon. */
  put(path, text, { source = null } = {}) {
    if ((this.files[path] ?? null) === text) return;
    if (text === null) delete this.files[path];
    else this.files[path] = text;
    this.waiting.add(path);
    this.remember();
    this.tell('changed', { path, source });
    this.tell('saving');
    this.later(PAUSE);
  }

  remember() {
    const of = (files) => Object.fromEntries([...this.waiting].map((path) => [path, files[path] ?? null]));
    if (this.waiting.size) remember(this.url, of(this.files), of(this.saved));
    else forget(this.url);
  }

  /** Take up what an earlier page could not save; a conflict where others went on meanwhile. */
  resume() {
    const kept = recall(this.url, this.saved);
    if (!kept) {
      forget(this.url);
      return;
    }
    const { paths, files, bases } = kept;
    const overtaken = paths.filter((path) => (bases[path] ?? null) !== (this.saved[path] ?? null));
    if (overtaken.length) {
      const theirs = { revision: this.revision, files: { ...this.saved } };
      this.conflict = { by: t('别的页面'), at: null, theirs, paths: overtaken };
    }
    for (const path of paths) {
      if (files[path] === null) delete this.files[path];
      else this.files[path] = files[path];
      this.waiting.add(path);
    }
    if (this.conflict) this.tell('conflict', this.conflict);
    else this.tell('resumed', { paths });
    this.save();
  }

  later(pause) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), pause);
  }

  /** Send what is not on the server yet; one request at a time. */
  async save() {
    clearTimeout(this.timer);
    if (this.sending) return this.sending;
    if (!this.waiting.size || this.conflict) return undefined;
    this.sending = this.send().finally(() => { this.sending = null; });
    await this.sending;
    if (this.waiting.size && !this.conflict && !this.refused) this.later(this.failed ? RETRY : PAUSE);
    return undefined;
  }

  /** Put a file from outside into the draft; the draft stays as it was where the server refuses it. */
  async offer(path, text) {
    await this.save();
    const before = this.files[path] ?? null;
    this.put(path, text, { source: 'import' });
    await this.save();
    // A checker that is busy says nothing about the file; it is offered again by hand.
    const cause = this.refused || this.busy;
    if (!cause) return;
    this.put(path, before, { source: 'import' });
    await this.save();
    throw new Error(cause);
  }

  async send() {
    this.refused = this.busy = null;
    const sent = Object.fromEntries([...this.waiting].map((path) => [path, this.files[path] ?? null]));
    try {
      const answer = await ask(`${this.url}/files`, 'PUT', { revision: this.revision, files: sent });
      const said = await answer.json();
      this.failed = !answer.ok;
      if (answer.ok) this.accepted(sent, said);
      else if (answer.status === 409 && said.revision !== undefined) await this.overtaken(said);
      else this.failing(answer, said);
    } catch {
      this.failed = true;
      this.tell('failed', {});
    }
  }

  /** What the server refuses it refuses again: only a change makes a new try worth it. */
  failing(answer, { message, errors }) {
    const causes = Object.values(errors ?? {}).map(say);
    const reason = [message, ...causes].filter(Boolean).join(' ');
    if (answer.status < 500) this.refused = reason || t('服务器未接受');
    if (answer.headers.has('Retry-After')) this.busy = reason;
    this.tell('failed', { reason });
  }

  accepted(sent, { revision, saved_at: savedAt }) {
    this.revision = revision;
    for (const [path, text] of Object.entries(sent)) {
      if (text === null) delete this.saved[path];
      else this.saved[path] = text;
      if ((this.files[path] ?? null) === text) this.waiting.delete(path);
    }
    this.remember();
    this.tell('saved', { at: savedAt });
  }

  /** Somebody else saved meanwhile: theirs and ours go together unless both changed one file. */
  async overtaken(by) {
    const theirs = await this.fetchFiles();
    const paths = new Set([...Object.keys(theirs.files), ...Object.keys(this.saved)]);
    const changed = [...paths].filter((path) => theirs.files[path] !== this.saved[path]);
    const both = changed.filter((path) => this.waiting.has(path) && theirs.files[path] !== this.files[path]);
    if (both.length) {
      this.conflict = { ...by, theirs, paths: both };
      this.tell('conflict', this.conflict);
      return;
    }
    this.adopt(theirs, changed);
    this.remember();
    this.failed = false;
    this.tell('merged', { ...by, paths: changed });
  }

  adopt(theirs, paths) {
    this.revision = theirs.revision;
    this.saved = { ...theirs.files };
    for (const path of paths) {
      if (path in theirs.files) this.files[path] = theirs.files[path];
      else delete this.files[path];
      this.tell('replaced', { path });
    }
  }

  /** End a conflict: with `mine` our files go over theirs, else theirs replace ours. */
  async settle(mine) {
    const { theirs, paths } = this.conflict;
    const others = [...new Set([...Object.keys(theirs.files), ...Object.keys(this.saved)])]
      .filter((path) => theirs.files[path] !== this.saved[path] && !paths.includes(path));
    this.conflict = null;
    if (!mine) for (const path of paths) this.waiting.delete(path);
    this.adopt(theirs, mine ? others : [...others, ...paths]);
    this.remember();
    this.tell('settled');
    await this.save();
  }

  /** What the check says of the draft as it is on the server. */
  async check() {
    await this.save();
    const answer = await ask(`${this.url}/check`, 'POST', {});
    if (answer.ok) return answer.json();
    const again = Number(answer.headers.get('Retry-After')) * 1000;
    const words = again ? (await answer.json()).message : t('检查未完成（{status}）', { status: answer.status });
    throw Object.assign(new Error(words), { again });
  }

  tell(kind, detail = {}) {
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }

  on(kind, listener) {
    this.addEventListener(kind, ({ detail }) => listener(detail));
  }
}
