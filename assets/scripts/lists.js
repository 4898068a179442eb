// Small comforts of lists and the top bar.

/** <select data-submits>: choosing is asking. */
function submitOnChange(event) {
  if (event.target.matches?.('[data-submits]')) event.target.form.requestSubmit();
}

/** <input data-hotkey="/">: one key leads to the search, unless somebody is typing. */
function focusByKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest('input, textarea, select, [contenteditable]')) return;
  const wanted = document.querySelector(`[data-hotkey="${CSS.escape(event.key)}"]`);
  if (!wanted) return;
  event.preventDefault();
  wanted.focus();
}

export function startLists() {
  document.addEventListener('change', submitOnChange);
  document.addEventListener('keydown', focusByKey);
}
