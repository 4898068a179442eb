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

startSaying();
startLocating(document);
startPuzzles(document);
