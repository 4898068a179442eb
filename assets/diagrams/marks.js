// What a case has done, as icon and word on each step; colour only repeats it.

const ICONS = { done: '✓', current: '●', overdue: '■', added: '✚', changed: '✎', removed: '✕', idle: '○' };

/** A small flag under the step: icon, word and, if given, who and when. */
function flag({ state, text }, words) {
  const element = document.createElement('span');
  element.className = `step-flag step-flag-${state}`;
  element.textContent = [ICONS[state], words[state], text].filter(Boolean).join(' ');
  return element;
}

/** Mark steps of a drawn diagram; `marks` is node id -> {state, text}. */
export function mark(viewer, marks, words) {
  const canvas = viewer.get('canvas');
  const overlays = viewer.get('overlays');
  const registry = viewer.get('elementRegistry');
  for (const [id, what] of Object.entries(marks)) {
    // An older version's step may not be on this picture.
    if (!registry.get(id) || !(what.state in ICONS)) continue;
    canvas.addMarker(id, `step-${what.state}`);
    // A flow is marked by its colour and dash; a flag would hang somewhere beside it.
    if (registry.get(id).waypoints) continue;
    overlays.add(id, { position: { bottom: 2, left: 0 }, html: flag(what, words) });
  }
}
