// <form data-signature> with a canvas: strokes go up as points, the server draws them.
// <form data-linked>: the token behind the # of the address is sent once, and leaves the address.
import SignaturePad from 'signature_pad';

/** Strokes as the server takes them: lists of [x, y] in pixels of the pad. */
function strokesOf(pad) {
  return pad.toData().map(({ points }) => points.map(({ x, y }) => [Math.round(x), Math.round(y)]));
}

function fit(canvas, pad) {
  const kept = pad.toData();  // a telephone that is turned does not lose the name
  const ratio = Math.max(window.devicePixelRatio || 1, 1);
  canvas.width = canvas.offsetWidth * ratio;
  canvas.height = canvas.offsetHeight * ratio;
  canvas.getContext('2d').scale(ratio, ratio);
  pad.fromData(kept, { clear: true });
}

function startPad(form) {
  const canvas = form.querySelector('canvas');
  const pad = new SignaturePad(canvas, { minWidth: 0.8, maxWidth: 2.6, penColor: '#000' });
  fit(canvas, pad);
  window.addEventListener('resize', () => fit(canvas, pad));
  form.querySelector('[data-clear]').addEventListener('click', () => pad.clear());
  form.addEventListener('submit', () => { form.elements.strokes.value = JSON.stringify(strokesOf(pad)); });
}

export function startSigning(part) {
  part.querySelectorAll('form[data-signature]').forEach(startPad);
}

export function startLinks(part) {
  const form = part.querySelector('form[data-linked]');
  const token = window.location.hash.slice(1);
  if (!form || !token) return;
  window.history.replaceState(null, '', window.location.pathname);
  form.elements.token.value = token;
  form.submit();
}
