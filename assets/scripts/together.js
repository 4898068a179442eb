// The sign of life that an open case gives also says whether its reader is typing.

const STILL = 20_000;
let typedAt = -STILL;

export function startTogether() {
  document.addEventListener('input', (event) => {
    if (event.target.form?.id === 'task-form') typedAt = Date.now();
  });
  document.addEventListener('htmx:configRequest', ({ detail }) => {
    if (detail.elt.id !== 'together') return;
    detail.parameters.writing = Date.now() - typedAt < STILL ? '1' : '0';
  });
}
