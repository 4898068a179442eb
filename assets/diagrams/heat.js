// Colours of steps by class, numbers as flags and on the flows; colour only repeats what is written.
import { append, attr, create } from 'tiny-svg';

const WIDTHS = 5;

/** A flag under a step that leads to its cases. */
function flag({ text, title, href, late }) {
  const link = document.createElement('a');
  link.className = `step-heat${late ? ' step-heat-late' : ''}`;
  link.href = href;
  link.title = title;
  link.textContent = `${late ? '■ ' : ''}${text}`;
  return link;
}

/** Where a flow's number stands: beside the middle of its longest part. */
function place(points) {
  const parts = points.slice(1).map((to, index) => ({ from: points[index], to, length: Math.hypot(to.x - points[index].x, to.y - points[index].y) }));
  const { from, to } = parts.sort((one, other) => other.length - one.length)[0];
  return { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 - 4 };
}

/** Colour a drawn diagram; `steps` is node id -> {shade, late, text, title, href}, `flows` id -> number. */
export function heat(viewer, { steps, flows }) {
  const [canvas, overlays, registry] = ['canvas', 'overlays', 'elementRegistry'].map((name) => viewer.get(name));
  for (const [id, step] of Object.entries(steps)) {
    // An older version's step may not be on this picture.
    if (!registry.get(id)) continue;
    if (step.shade !== null) canvas.addMarker(id, `heat-${step.shade}`);
    if (step.text) overlays.add(id, { position: { bottom: 9, left: 4 }, html: flag(step) });
  }
  const most = Math.max(1, ...Object.values(flows));
  for (const [id, number] of Object.entries(flows)) {
    const flow = registry.get(id);
    if (!flow?.waypoints) continue;
    canvas.addMarker(id, `flow-${Math.ceil((WIDTHS * number) / most)}`);
    const label = create('text');
    label.textContent = number;
    attr(label, { ...place(flow.waypoints), class: 'flow-number' });
    append(canvas.getGraphics(id).querySelector('.djs-visual'), label);
  }
}
