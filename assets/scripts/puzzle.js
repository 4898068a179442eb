// <form data-puzzle="challenge" data-bits="17" data-worker="..."> with a hidden field `work` and an
// <output data-puzzle-note>: the machine computes while the person types; then the button works.

function solve(form) {
  const { puzzle, bits, worker: address } = form.dataset;
  const button = form.querySelector('[type="submit"]');
  const note = form.querySelector('[data-puzzle-note]');
  button.disabled = true;
  note.textContent = note.dataset.busy;
  const worker = new Worker(address, { type: 'module' });
  worker.onmessage = ({ data }) => {
    form.elements.work.value = `${puzzle}:${data}`;
    button.disabled = false;
    note.textContent = note.dataset.done;
    worker.terminate();
  };
  worker.postMessage({ challenge: puzzle, bits: Number(bits) });
}

export function startPuzzles(part) {
  for (const form of part.querySelectorAll('form[data-puzzle]:not([data-puzzle=""])')) solve(form);
}
