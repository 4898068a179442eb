// The script of citizens' pages. Everything on them works without it.
import { startLocating } from '../scripts/locate.js';
import { startPuzzles } from '../scripts/puzzle.js';

/** Say that there is a position, and how exact it is. */
function startSaying() {
  for (const input of document.querySelectorAll('[data-located]')) {
    const output = document.getElementById(input.dataset.located);
    input.addEventListener('input', () => {
      output.textContent = output.dataset.words.replace('{metres}', input.value);
    });
  }
}

/** Show what was reported near here, as soon as the kind and the position are known. */
function startNear() {
  const part = document.querySelector('[data-near]');
  const form = part?.parentElement.querySelector('form[enctype]');
  if (!form) return;
  const look = async () => {
    const { choice, latitude, longitude, once } = form.elements;
    if (!choice?.value || !latitude?.value || !longitude?.value) return;
    const asked = new URLSearchParams({ choice: choice.value, latitude: latitude.value, longitude: longitude.value, once: once.value });
    const answer = await fetch(`${part.dataset.near}?${asked}`, { headers: { Accept: 'text/html' } });
    if (answer.ok) part.innerHTML = await answer.text();
  };
  form.addEventListener('change', (event) => { if (event.target.name === 'choice') look(); });
  form.elements.latitude?.addEventListener('input', look);
  form.elements.longitude?.addEventListener('input', look);
}

startSaying();
startNear();
startLocating(document);
startPuzzles(document);
