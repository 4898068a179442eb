// Boards that renew themselves: not under an open menu or a hand on a button, and with a clock.

/** A part with data-calm is left alone while somebody is in it. */
function holdStill(event) {
  const part = event.detail.elt;
  if (!part.matches?.('[data-calm]')) return;
  if (part.contains(document.activeElement) || part.querySelector('details[open]')) event.preventDefault();
}

/** The time of the last answer, which a board without news would not show. */
function showTime({ detail }) {
  if (!detail.successful || !detail.elt.matches?.('[data-calm]')) return;
  const clock = document.querySelector('[data-ticks]');
  const said = Date.parse(detail.xhr.getResponseHeader('Date') ?? '');
  if (clock && said) clock.textContent = new Date(said).toLocaleTimeString('zh-CN', { hour12: false });
}

/** <button data-prints>: the browser's own dialog. */
function print(event) {
  if (event.target.closest?.('[data-prints]')) window.print();
}

export function startBoards() {
  document.addEventListener('htmx:beforeRequest', holdStill);
  document.addEventListener('htmx:afterRequest', showTime);
  document.addEventListener('click', print);
}
