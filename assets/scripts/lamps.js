// Lamps that change while the page is open:
// <span class="lamp lamp-green" data-warn-at="2026-11-22T08:00:00Z" data-due="2026-11-23T10:00:00Z"
//       data-yellow="将到期" data-red="已超期">正常</span>
// and the minutes that are left, once they are few: <time data-due="..." data-left="还剩 {h} 小时 {m} 分">.
// Time is the server's: <html data-now="2026-11-22T07:12:00Z">.

const EVERY = 15_000;
const FEW_HOURS = 4;
const MINUTE = 60_000;

function clockOffset() {
  const now = Date.parse(document.documentElement.dataset.now ?? '');
  return Number.isNaN(now) ? 0 : now - Date.now();
}

/** Colour a lamp should have now; null when it is none of our business. */
export function colourAt(now, { warnAt, due }) {
  if (due && now >= Date.parse(due)) return 'red';
  if (warnAt && now >= Date.parse(warnAt)) return 'yellow';
  return null;
}

function turn(lamp, colour) {
  if (!colour || lamp.classList.contains(`lamp-${colour}`)) return;
  lamp.classList.remove('lamp-green', 'lamp-yellow');
  lamp.classList.add(`lamp-${colour}`);
  lamp.textContent = lamp.dataset[colour] ?? lamp.textContent;
}

function countDown(element, now) {
  const minutes = Math.ceil((Date.parse(element.dataset.due) - now) / MINUTE);
  if (minutes <= 0 || minutes > FEW_HOURS * 60) return;
  const parts = { h: Math.floor(minutes / 60), m: minutes % 60 };
  element.textContent = element.dataset.left.replace(/{([hm])}/g, (_, part) => parts[part]);
}

export function startLamps() {
  const offset = clockOffset();
  const tick = () => {
    const now = Date.now() + offset;
    for (const lamp of document.querySelectorAll('.lamp[data-due]:not(.lamp-grey)')) {
      turn(lamp, colourAt(now, lamp.dataset));
    }
    for (const element of document.querySelectorAll('[data-due][data-left]')) countDown(element, now);
  };
  tick();
  setInterval(tick, EVERY);
}
