// The script of an ordinary page. Everything it does also works without it.
import '../scripts/htmx.js';
import { startBars } from '../scripts/bars.js';
import { startBoards } from '../scripts/boards.js';
import { startCalls } from '../scripts/calls.js';
import { startConditions } from '../scripts/conditions.js';
import { startDialogs } from '../scripts/dialogs.js';
import { startDrafts } from '../scripts/drafts.js';
import { startLamps } from '../scripts/lamps.js';
import { startLanguages } from '../scripts/languages.js';
import { startLists } from '../scripts/lists.js';
import { startLocating } from '../scripts/locate.js';
import { startMentions } from '../scripts/mentions.js';
import { startMenus } from '../scripts/menus.js';
import { startPalette } from '../scripts/palette.js';
import { startPasskeys } from '../scripts/passkeys.js';
import { startPicking } from '../scripts/picked.js';
import { startPuzzles } from '../scripts/puzzle.js';
import { startResending } from '../scripts/resend.js';
import { startPickers } from '../picker/picker.js';
import { startSubmitting } from '../scripts/submit.js';
import { startTabs } from '../scripts/tabs.js';
import { startTogether } from '../scripts/together.js';
import { startUploads } from '../scripts/uploads.js';

document.documentElement.classList.add('scripted');
startMenus();
startDialogs();
startSubmitting();
startLamps();
startLists();
startBars();
startBoards();
startPalette();
startTogether();

/** What belongs to one part of a page; runs again for each part that htmx brings. */
function wake(part) {
  startCalls(part);
  startConditions(part);
  startDrafts(part);
  startLanguages(part === document ? document.body : part);
  startLocating(part);
  startMentions(part);
  startPasskeys(part);
  startPickers(part);
  startPicking(part);
  startPuzzles(part);
  startTabs(part);
  startUploads(part);
}

wake(document);
startResending();
document.addEventListener('htmx:load', (event) => wake(event.detail.elt));
