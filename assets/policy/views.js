// How much of the diagram is in view: the whole, or where it begins at a size one can read.

const PALETTE = 64;
const EDGE = 16;
const LEGIBLE = 0.6;

function view(canvas, scale, x, y) {
  const { outer } = canvas.viewbox();
  canvas.viewbox({ x, y, width: outer.width / scale, height: outer.height / scale });
}

function fitting({ inner, outer }) {
  return Math.min((outer.width - PALETTE - EDGE) / inner.width, (outer.height - 2 * EDGE) / inner.height, 1);
}

/** The whole picture, beside the palette and not under it. */
export function showAll(modeler) {
  const canvas = modeler.get('canvas');
  const { inner, outer } = canvas.viewbox();
  const scale = fitting({ inner, outer });
  view(canvas, scale, inner.x - PALETTE / scale, inner.y - (outer.height / scale - inner.height) / 2);
}

/** Where the process begins; the whole picture if that can be read. */
export function showBeginning(modeler) {
  const canvas = modeler.get('canvas');
  const { inner, outer } = canvas.viewbox();
  if (fitting({ inner, outer }) >= LEGIBLE) {
    showAll(modeler);
    return;
  }
  const start = modeler.get('elementRegistry').find((element) => element.type === 'bpmn:StartEvent') ?? inner;
  const y = Math.max(inner.y - EDGE, start.y - outer.height / LEGIBLE / 3);
  view(canvas, LEGIBLE, Math.min(inner.x, start.x) - PALETTE / LEGIBLE, y);
}
