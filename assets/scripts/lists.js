// Small comforts of lists and the top bar: choosing is asking, and keys for who knows them.

/** <select data-submits>: choosing is asking. */
function submitOnChange(event) {
  if (event.target.matches?.('[data-submits]')) event.target.form.requestSubmit();
}

/** What somebody is typing into belongs to them. */
function isTyping(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return true;
  return Boolean(event.target.closest?.('input:not([type="checkbox"]), textarea, select, dialog, [contenteditable]'));
}

const rows = () => [...document.querySelectorAll('[data-rows] .row-link')];

/** j and k: the focus moves from row to row, so that Enter opens what one looks at. */
function step(by) {
  const links = rows();
  if (!links.length) return;
  const here = links.findIndex((link) => link.closest('tr').contains(document.activeElement));
  const next = here < 0 ? (by > 0 ? 0 : links.length - 1) : here + by;
  const link = links[Math.min(Math.max(next, 0), links.length - 1)];
  link.focus();
  link.closest('tr').scrollIntoView({ block: 'nearest' });
}

/** x: the row in focus is chosen, or not any more. */
function pick() {
  const box = document.activeElement?.closest('tr')?.querySelector('input[name="task"]');
  box?.click();
}

const MOVES = { j: () => step(1), k: () => step(-1), x: pick };

/** <… data-hotkey="/">: one key leads to the search, a queue, a new case or a dialog. */
function obeyKey(event) {
  // A key of a function is nobody's text.
  if (isTyping(event) && !/^F[0-9]+$/.test(event.key)) return;
  const wanted = document.querySelector(`[data-hotkey="${CSS.escape(event.key)}"]`);
  const move = MOVES[event.key];
  if (!wanted && !(move && rows().length)) return;
  event.preventDefault();
  if (move) move();
  else if (wanted.matches('input')) wanted.focus();
  else wanted.click();
}

/** How many rows are chosen; without one there is nothing to press. */
function countPicked() {
  const bar = document.querySelector('[data-picked]');
  if (!bar) return;
  const picked = document.querySelectorAll('input[name="task"]:checked').length;
  bar.querySelector('[data-picked-count]').textContent = picked || '';
  for (const button of bar.querySelectorAll('button')) button.disabled = !picked;
}

function pickAll(event) {
  if (event.target.matches?.('[data-picks-all]')) {
    for (const box of document.querySelectorAll('input[name="task"]')) box.checked = event.target.checked;
  }
  countPicked();
}

export function startLists() {
  document.addEventListener('change', submitOnChange);
  document.addEventListener('change', pickAll);
  document.addEventListener('keydown', obeyKey);
  document.querySelector('[data-prints]')?.addEventListener('click', () => window.print());
  window.addEventListener('pageshow', countPicked);
  countPicked();
}
