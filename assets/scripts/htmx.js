// htmx under our rules: no eval, no inline styles, no pages with personal data in storage.
import htmx from 'htmx.org';

Object.assign(htmx.config, {
  allowEval: false,
  includeIndicatorStyles: false,
  historyCacheSize: 0,
  refreshOnHistoryMiss: true,
  selfRequestsOnly: true,
  scrollBehavior: 'auto',
});

document.addEventListener('htmx:configRequest', ({ detail }) => {
  const token = csrfToken();
  if (token) detail.headers['X-CSRFToken'] = token;
});

// A refused form comes back with its errors, and is shown like any other answer.
document.addEventListener('htmx:beforeSwap', ({ detail }) => {
  if (detail.xhr.status === 422) {
    detail.shouldSwap = true;
    detail.isError = false;
  }
});

// What comes by itself moves and replaces nothing under a finger that is down: the click would be
// lost between press and release. It comes with the next question.
let pressed = false;
const letGo = () => setTimeout(() => { pressed = false; });
document.addEventListener('pointerdown', () => { pressed = true; }, true);
document.addEventListener('pointerup', letGo, true);
document.addEventListener('pointercancel', letGo, true);
window.addEventListener('blur', letGo);
document.addEventListener('htmx:beforeOnLoad', (event) => {
  if (pressed && !event.detail.requestConfig.triggeringEvent) event.preventDefault();
});

/** The token that proves a request comes from our own page. */
export function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]')?.content;
}
