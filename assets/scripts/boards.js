// Boards that renew themselves: not under an open menu or a hand on a button, with a clock, and
// with a word when what they show is no longer what is.

// Four rounds of a board that asks every five seconds.
const PATIENCE = 20_000;
let answered = performance.now();

/** A part with data-calm is left alone while somebody is in it. */
function holdStill(event) {
  const part = event.detail.elt;
  if (!part.matches?.('[data-calm]')) return;
  if (part.contains(document.activeElement) || part.querySelector('details[open]')) event.preventDefault();
}

/** The time of the last answer, which a board without news would not show; or that there is none. */
function hear({ detail }) {
  if (!detail.elt.matches?.('[data-calm]')) return;
  if (!detail.successful) {
    tell(detail.xhr.status === 401 ? 'ended' : 'cut');
    return;
  }
  answered = performance.now();
  // An answer that was on its way when the network went does not bring it back.
  tell(navigator.onLine ? '' : 'cut');
  const clock = document.querySelector('[data-ticks]');
  const said = Date.parse(detail.xhr.getResponseHeader('Date') ?? '');
  if (clock && said) clock.textContent = new Date(said).toLocaleTimeString('zh-CN', { hour12: false });
}

/** Say on the board why it is not live; an empty reason says that it is. */
function tell(reason) {
  const line = document.querySelector('[data-live]');
  if (!line) return;
  line.classList.toggle('board-lost', reason !== '');
  line.querySelector('.live-words').hidden = reason !== '';
  const lost = line.querySelector('.live-lost');
  lost.hidden = reason === '';
  lost.textContent = line.dataset[reason] ?? '';
}

/** A server that does not answer sends no error either, nor does a board that is held still. */
function watch() {
  const lost = document.querySelector('.board-lost');
  if (!lost && performance.now() - answered > PATIENCE) tell('old');
}

/** <button data-prints>: the browser's own dialog. */
function print(event) {
  if (event.target.closest?.('[data-prints]')) window.print();
}

export function startBoards() {
  document.addEventListener('htmx:beforeRequest', holdStill);
  document.addEventListener('htmx:afterRequest', hear);
  document.addEventListener('click', print);
  window.addEventListener('offline', () => tell('cut'));
  if (document.querySelector('[data-live]')) setInterval(watch, 1000);
}
