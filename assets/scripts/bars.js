// Phones have little room: the top bar leaves while one reads on, search and filters open by a button.

const SMALL = window.matchMedia('(max-width: 767px)');
const FAR = 120;
let last = 0;

function follow() {
  const bar = document.querySelector('.topbar');
  const here = Math.max(window.scrollY, 0);
  if (!bar || Math.abs(here - last) < 8) return;
  const busy = bar.contains(document.activeElement) || bar.querySelector('details[open]');
  bar.classList.toggle('away', SMALL.matches && here > last && here > FAR && !busy);
  last = here;
}

/** <a data-shows="search">: the search field opens under the bar. */
function show(event) {
  const opener = event.target.closest('a[data-shows]');
  const field = opener && document.getElementById(opener.dataset.shows);
  if (!field) return;
  event.preventDefault();
  field.form.classList.add('shown');
  field.focus();
}

/** <button data-unfolds="list-bar" aria-expanded>: what stands folded on a phone. */
function unfold(event) {
  const opener = event.target.closest('[data-unfolds]');
  const part = opener && document.getElementById(opener.dataset.unfolds);
  if (!part) return;
  const open = part.classList.toggle('unfolded');
  opener.setAttribute('aria-expanded', String(open));
}

export function startBars() {
  window.addEventListener('scroll', follow, { passive: true });
  document.addEventListener('click', show);
  document.addEventListener('click', unfold);
  document.querySelector('.topbar')?.addEventListener('focusin', (event) => {
    event.currentTarget.classList.remove('away');
  });
}
