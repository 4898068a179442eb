// One click, one request, and none into the void: a long form is sent when the server answers,
// else the page stays with everything that was typed (<html data-unsent="...">).

const SENT = 'sent';
const REACHED = 'reached';
const PATIENCE = 8000;

async function answers() {
  try {
    const answer = await fetch('/healthz', {
      cache: 'no-store', credentials: 'omit', signal: AbortSignal.timeout(PATIENCE),
    });
    return answer.ok;
  } catch {
    return false;
  }
}

function tell(form) {
  const notice = form.querySelector('[data-unsent-note]') ?? document.createElement('div');
  notice.className = 'notice notice-danger';
  notice.dataset.unsentNote = '';
  notice.setAttribute('role', 'alert');
  notice.textContent = document.documentElement.dataset.unsent ?? '';
  form.append(notice);
  notice.scrollIntoView({ block: 'nearest' });
}

async function sendIfReached(form, submitter) {
  if (await answers()) {
    form.dataset[REACHED] = 'yes';
    delete form.dataset[SENT];
    form.requestSubmit(submitter);
    return;
  }
  delete form.dataset[SENT];
  tell(form);
  form.dispatchEvent(new Event('unsent'));
}

function guard(event) {
  const form = event.target;
  if (event.defaultPrevented || form.method === 'dialog') return;
  if (form.dataset[SENT]) {
    event.preventDefault();
    return;
  }
  if (form.method !== 'post' || form.target) return;
  form.dataset[SENT] = 'yes';
  const doubtful = form.dataset.draftUrl || !navigator.onLine;
  if (form.dataset[REACHED] || !doubtful) return;
  event.preventDefault();
  sendIfReached(form, event.submitter);
}

function release(form) {
  delete form.dataset[SENT];
  delete form.dataset[REACHED];
}

export function startSubmitting() {
  document.addEventListener('submit', guard);
  // The page came back from the browser's memory: its forms may be sent again.
  window.addEventListener('pageshow', () => document.querySelectorAll('form').forEach(release));
  // What a page asks by itself says nothing of a form that is on its way.
  document.addEventListener('htmx:afterRequest', ({ detail }) => {
    const form = detail.elt.closest('form');
    if (form) release(form);
  });
}
