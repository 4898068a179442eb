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

/** The token that proves a request comes from our own page. */
export function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]')?.content;
}
