// <a href="/page" data-opens="dialog-id">: a dialog here, the page where there is no script.

function open(event) {
  const opener = event.target.closest('[data-opens]');
  const dialog = opener && document.getElementById(opener.dataset.opens);
  if (!dialog?.showModal) return;
  event.preventDefault();
  dialog.showModal();
}

function close(event) {
  const closer = event.target.closest('[data-closes]');
  if (closer) closer.closest('dialog')?.close();
}

export function startDialogs() {
  document.addEventListener('click', open);
  document.addEventListener('click', close);
}
