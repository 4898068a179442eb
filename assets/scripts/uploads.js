// <form data-uploads>: files chosen, dropped or pasted go up at once, each with its progress.
import { csrfToken } from './htmx.js';

const MEGABYTE = 1_000_000;

class Uploads {
  constructor(form) {
    this.form = form;
    this.list = form.querySelector('[data-upload-list]');
    this.waiting = [];
    this.busy = false;
    form.querySelector('[type="submit"]').hidden = true;  // choosing is sending
    form.addEventListener('change', (event) => this.chosen(event));
    form.addEventListener('dragover', (event) => this.over(event, true));
    form.addEventListener('dragleave', (event) => this.over(event, false));
    form.addEventListener('drop', (event) => this.dropped(event));
    document.addEventListener('paste', (event) => this.pasted(event));
    window.addEventListener('beforeunload', (event) => { if (this.busy) event.preventDefault(); });
  }

  over(event, inside) {
    if (![...event.dataTransfer.types].includes('Files')) return;
    event.preventDefault();
    this.form.classList.toggle('upload-over', inside);
  }

  dropped(event) {
    this.over(event, false);
    this.take(event.dataTransfer.files);
  }

  pasted(event) {
    if (event.clipboardData?.files.length) this.take(event.clipboardData.files);
  }

  chosen(event) {
    if (event.target.type !== 'file') return;
    this.take(event.target.files);
    event.target.value = '';
  }

  take(files) {
    for (const file of files) this.waiting.push({ file, row: this.row(file) });
    this.next();
  }

  row(file) {
    const row = document.createElement('li');
    const name = document.createElement('span');
    name.textContent = file.name;
    const bar = document.createElement('progress');
    bar.max = 1;
    bar.value = 0;
    bar.setAttribute('aria-label', file.name);
    row.append(name, bar);
    this.list.append(row);
    return row;
  }

  /** One after the other: a weak line gets one file through rather than five half. */
  async next() {
    if (this.busy) return;
    this.busy = true;
    let saved = 0;
    while (this.waiting.length) {
      const { file, row } = this.waiting.shift();
      const fault = await this.send(file, row);
      this.tell(row, fault);
      if (!fault) saved += 1;
    }
    this.busy = false;
    if (saved) await this.refresh();
  }

  /** Why the file was not taken; nothing when it was. */
  send(file, row) {
    const { mostMb, tooLarge, broken } = this.form.dataset;
    if (file.size > Number(mostMb) * MEGABYTE) return tooLarge;
    const data = new FormData();
    data.append('csrf_token', csrfToken());
    data.append('file', file, file.name);
    return new Promise((resolve) => {
      const request = new XMLHttpRequest();
      request.open('POST', this.form.action);
      request.setRequestHeader('Accept', 'application/json');
      request.responseType = 'json';
      request.upload.addEventListener('progress', ({ loaded, total }) => {
        row.querySelector('progress').value = loaded / total;
      });
      request.addEventListener('load', () => {
        resolve(request.status === 200 ? '' : request.response?.message || broken);
      });
      request.addEventListener('error', () => resolve(broken));
      request.send(data);
    });
  }

  tell(row, fault) {
    const word = document.createElement('span');
    word.className = fault ? 'ink-red' : 'ink-green';
    word.textContent = fault || this.form.dataset.done;
    row.querySelector('progress').replaceWith(word);
  }

  /** The list as the server shows it now, in the place of the old one. */
  async refresh() {
    const answer = await fetch(window.location.href, { redirect: 'error' });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const fresh = page.querySelector('[data-materials]');
    if (fresh) document.querySelector('[data-materials]').replaceWith(fresh);
  }
}

export function startUploads(part) {
  for (const form of part.querySelectorAll('form[data-uploads]')) {
    if (form.dataset.ready) continue;
    form.dataset.ready = 'yes';
    new Uploads(form);
  }
}
