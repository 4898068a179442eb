// Zoom by button, for those who have no wheel or do not know of it.

const STEP = 1.25;
const LEGIBLE = 0.7;

/** Show the whole diagram, or, where that is too small to read, the part with these elements. */
export function lookAt(viewer, ids) {
  const canvas = viewer.get('canvas');
  canvas.zoom('fit-viewport', 'auto');
  const element = ids.map((id) => viewer.get('elementRegistry').get(id)).find(Boolean);
  if (!element || canvas.zoom() >= LEGIBLE) return;
  canvas.zoom(LEGIBLE, { x: 0, y: 0 });
  canvas.scrollToElement(element, 160);
}

/** Add the buttons; `words` names them in the page's language. */
export function addControls(container, viewer, words) {
  const canvas = viewer.get('canvas');
  const bar = document.createElement('div');
  bar.className = 'diagram-controls';
  const actions = {
    in: ['＋', () => canvas.zoom(canvas.zoom() * STEP)],
    out: ['－', () => canvas.zoom(canvas.zoom() / STEP)],
    fit: ['⤢', () => canvas.zoom('fit-viewport', 'auto')],
  };
  for (const [name, [sign, act]] of Object.entries(actions)) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'btn btn-outline-secondary';
    button.textContent = sign;
    button.title = words[name] ?? name;
    button.setAttribute('aria-label', button.title);
    button.addEventListener('click', act);
    bar.append(button);
  }
  container.append(bar);
}
