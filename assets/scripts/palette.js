// Ctrl+K: pages, what this page offers, and cases, by a few letters; ?: the map of keys. Both are
// fetched when first asked for, so that pages carry none of it.

const WAIT = 200;
let fetched = null;
let asking = 0;

/** The dialogs, brought into the page once; null for who is not logged in. */
async function dialogs() {
  const address = document.body.dataset.palette;
  if (!address) return null;
  fetched ??= fetch(address, { headers: { Accept: 'text/html' } }).then(async (answer) => {
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    document.body.insertAdjacentHTML('beforeend', await answer.text());
    const palette = document.getElementById('palette');
    palette.addEventListener('input', filter);
    palette.addEventListener('keydown', move);
    return { palette, keys: document.getElementById('keys') };
  }).catch(() => (fetched = null));
  return fetched;
}

async function open(which) {
  const found = await dialogs();
  if (!found || document.querySelector('dialog[open]')) return;
  if (which === 'palette') offer(found.palette);
  found[which].showModal();
}

/** What this page's own bar and menus do, beside the pages. */
function offer(palette) {
  const list = palette.querySelector('ul');
  for (const old of list.querySelectorAll('[data-here], [data-case]')) old.remove();
  const here = document.querySelectorAll('.page-head .actions a[href], .page-head .actions button, .queues a[href], .tabs a[href]');
  for (const [number, act] of [...here].entries()) {
    const words = act.textContent.trim().replace(/\s+/g, ' ');
    if (!words || act.closest('[hidden]')) continue;
    const item = document.createElement('li');
    item.role = 'option';
    item.id = `palette-h${number}`;
    item.dataset.here = '';
    const button = document.createElement('button');
    button.type = 'button';
    button.tabIndex = -1;
    button.textContent = words;
    button.addEventListener('click', () => { palette.close(); act.click(); });
    item.append(button);
    list.append(item);
  }
  const text = palette.querySelector('input');
  text.value = '';
  filter({ currentTarget: palette });
}

const shown = (palette) => [...palette.querySelectorAll('li:not([hidden])')];

function filter(event) {
  const palette = event.currentTarget;
  const text = palette.querySelector('input').value.trim().toLowerCase();
  for (const item of palette.querySelectorAll('li:not([data-case])')) {
    item.hidden = !item.textContent.toLowerCase().includes(text);
  }
  point(palette, shown(palette)[0]);
  clearTimeout(asking);
  if (text) asking = setTimeout(() => find(palette, text), WAIT);
}

async function find(palette, text) {
  const field = palette.querySelector('input');
  const answer = await fetch(`${field.dataset.cases}?q=${encodeURIComponent(text)}`);
  if (!answer.ok || field.value.trim().toLowerCase() !== text) return;
  for (const old of palette.querySelectorAll('[data-case]')) old.remove();
  palette.querySelector('ul').insertAdjacentHTML('beforeend', await answer.text());
  if (!palette.querySelector('[aria-selected="true"]')) point(palette, shown(palette)[0]);
}

function point(palette, item) {
  palette.querySelector('[aria-selected]')?.removeAttribute('aria-selected');
  const field = palette.querySelector('input');
  if (!item) { field.removeAttribute('aria-activedescendant'); return; }
  item.setAttribute('aria-selected', 'true');
  item.scrollIntoView({ block: 'nearest' });
  field.setAttribute('aria-activedescendant', item.id);
}

function move(event) {
  const palette = event.currentTarget;
  const items = shown(palette);
  const here = items.findIndex((item) => item.ariaSelected === 'true');
  if (event.key === 'Enter') {
    event.preventDefault();
    items[here]?.firstElementChild.click();
  } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    event.preventDefault();
    const by = event.key === 'ArrowDown' ? 1 : -1;
    point(palette, items[(here + by + items.length) % items.length]);
  }
}

function obey(event) {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k' && !event.target.closest?.('#editor')) {
    event.preventDefault();
    open('palette');
  } else if (event.key === '?' && !event.ctrlKey && !event.target.closest?.('input:not([type="checkbox"]), textarea, select, [contenteditable], #editor')) {
    open('keys');
  }
}

export function startPalette() {
  document.addEventListener('keydown', obey);
  document.addEventListener('click', (event) => {
    if (event.target.closest('[data-keys]')) open('keys');
  });
}
