// The sign of life that an open case gives also says whether its reader is typing; and good-bye.
import { csrfToken } from './htmx.js';

const STILL = 20_000;
let typedAt = -STILL;

function sayGoodbye() {
  const address = document.getElementById('together')?.dataset.gone;
  if (!address) return;
  const data = new FormData();
  data.append('csrf_token', csrfToken());
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
    detail.parameters.writing = performance.now() - typedAt < STILL ? '1' : '0';
  });
  window.addEventListener('pagehide', sayGoodbye);
}
