// <details class="menu">: opens by itself; here it also closes, one at a time.

const openMenus = () => document.querySelectorAll('details.menu[open]');

function closeOnEscape(event) {
  if (event.key !== 'Escape') return;
  for (const menu of openMenus()) {
    menu.open = false;
    menu.querySelector('summary').focus();
  }
}

function closeElsewhere(event) {
  for (const menu of openMenus()) {
    if (!menu.contains(event.target)) menu.open = false;
  }
}

export function startMenus() {
  document.addEventListener('keydown', closeOnEscape);
  document.addEventListener('click', closeElsewhere);
  document.addEventListener('focusin', closeElsewhere);
}
