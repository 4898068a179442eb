// One click, one request. The server refuses a second one too; this saves the person the message.

const SENT = 'sent';

function guard(event) {
  const form = event.target;
  if (event.defaultPrevented || form.method === 'dialog') return;
  if (form.dataset[SENT]) {
    event.preventDefault();
    return;
  }
  if (form.method === 'post' && !form.target) form.dataset[SENT] = 'yes';
}

/** The page came back from the browser's memory: its forms may be sent again. */
function release() {
  for (const form of document.querySelectorAll('form[data-sent]')) delete form.dataset[SENT];
}

export function startSubmitting() {
  document.addEventListener('submit', guard);
  window.addEventListener('pageshow', release);
  document.addEventListener('htmx:afterRequest', release);
}
