// The sign of life that an open case gives also says whether its reader is typing; and good-bye.
import { csrfToken } from './htmx.js';

const STILL = 20_000;
// Tells this page from the one before it and from other windows of the same person.
const PAGE = [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
let typedAt = -STILL;

function sayGoodbye() {
  const address = document.getElementById('together')?.dataset.gone;
  if (!address) return;
  const data = new FormData();
  data.append('csrf_token', csrfToken());
  data.append('page', PAGE);
  navigator.sendBeacon(address, data);
}

export function startTogether() {
  document.addEventListener('input', (event) => {
    if (event.target.form?.id !== 'task-form') return;
    const begins = performance.now() - typedAt >= STILL;
    typedAt = performance.now();
    if (begins) document.getElementById('together')?.dispatchEvent(new Event('wrote'));
  });
  document.addEventListener('htmx:configRequest', ({ detail }) => {
    if (detail.elt.id !== 'together') return;
    detail.parameters.page = PAGE;
    detail.parameters.writing = performance.now() - typedAt < STILL ? '1' : '0';
  });
  window.addEventListener('pagehide', sayGoodbye);
}
