// <form data-passkey="create|get" data-options='{...}'> with a hidden field `passkey`: a press on its
// button asks the device, and what it says goes with the form. The browser's own JSON, no library.

async function ask(form) {
  const told = JSON.parse(form.dataset.options);
  const create = form.dataset.passkey === 'create';
  const publicKey = create
    ? PublicKeyCredential.parseCreationOptionsFromJSON(told)
    : PublicKeyCredential.parseRequestOptionsFromJSON(told);
  const found = await navigator.credentials[create ? 'create' : 'get']({ publicKey });
  form.elements.passkey.value = JSON.stringify(found.toJSON());
}

async function press(event) {
  const form = event.target;
  if (form.elements.passkey.value) return;
  event.preventDefault();
  // The handler that keeps a form from being sent twice must not see this one.
  event.stopImmediatePropagation();
  try {
    await ask(form);
  } catch {
    // Cancelled, or no device: the page says so, and everything else on it still works.
    form.querySelector('[data-passkey-note]').hidden = false;
    return;
  }
  form.requestSubmit();
}

export function startPasskeys(part) {
  const known = typeof PublicKeyCredential?.parseRequestOptionsFromJSON === 'function';
  for (const form of part.querySelectorAll('form[data-passkey]')) {
    // Without TLS, at an address in digits, or in an old browser there are none.
    form.hidden = !known;
    form.addEventListener('submit', press, true);
  }
}
