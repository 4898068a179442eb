// How characters are compared and read: the same table as the server's search has.
import table from '../../engine/reading/characters.json';

// Characters, not code units: some that are compared lie beyond the first plane.
const pairs = [...table.simplified];
const folds = new Map();
for (let at = 0; at < pairs.length; at += 2) folds.set(pairs[at], pairs[at + 1]);
const sounds = new Map();
for (const [sound, characters] of Object.entries(table.sounds)) {
  for (const one of characters) sounds.set(one, [...(sounds.get(one) ?? []), sound]);
}
const TAILS = ['村民委员会', '居民委员会', '村委会', '居委会', '社区', '街道', '镇', '乡', '村'];
// Of people who do not tell zh from z, n from l, ing from in.
const SLIPS = [[/zh/g, 'z'], [/ch/g, 'c'], [/sh/g, 's'], [/ang/g, 'an'], [/eng/g, 'en'], [/ing/g, 'in'], [/l/g, 'n']];
const MOST_WAYS = 4;

/** What is compared: width, case and traditional characters do not matter, nor do marks. */
export function fold(text) {
  const plain = text.normalize('NFKC').toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
  return [...plain].map((one) => folds.get(one) ?? one).join('');
}

function heard(folded) {
  let ways = [[]];
  for (const one of folded) {
    const said = sounds.get(one) ?? [one];
    ways = ways.flatMap((way) => said.map((sound) => [...way, sound])).slice(0, MOST_WAYS);
  }
  return ways;
}

const slurred = (letters) => SLIPS.reduce((text, [from, to]) => text.replace(from, to), letters);

/** What a name may be typed as, with what each is worth. */
export function keysOf(name) {
  const folded = fold(name);
  const tail = TAILS.find((one) => folded.endsWith(one) && folded.length - one.length > 1) ?? '';
  const keys = new Map([[folded, 6], [folded.slice(0, folded.length - tail.length), 6]]);
  for (const said of heard(folded)) {
    const letters = said.join('');
    if (!keys.has(letters)) keys.set(letters, 5);
    const initials = said.map((sound) => sound[0]).join('');
    if (!keys.has(initials)) keys.set(initials, 4);
    if (!keys.has(slurred(letters))) keys.set(slurred(letters), 2);
  }
  return [...keys];
}

/** Whether one character is wrong, missing or too many, at most. */
function oneOff(typed, other) {
  if (Math.abs(typed.length - other.length) > 1) return false;
  let at = 0;
  while (at < typed.length && typed[at] === other[at]) at += 1;
  return [[1, 1], [1, 0], [0, 1]].some(([mine, theirs]) => typed.slice(at + mine) === other.slice(at + theirs));
}

function fitsKey(typed, key, worth) {
  if (typed === key) return worth + 1;
  if (key.startsWith(typed)) return worth;
  const letters = /^[a-z]+$/.test(typed);
  if (key.includes(typed) && (!letters || typed.length > 2)) return Math.max(worth - 3, 0.5);
  return typed.length > 3 && oneOff(typed, key) ? 1 : 0;
}

/** How well folded text names what has these keys; 0 for not at all. */
export function fits(typed, keys) {
  const slips = /^[a-z]+$/.test(typed) ? slurred(typed) : typed;
  return Math.max(...keys.map(([key, worth]) => Math.max(
    fitsKey(typed, key, worth), slips !== typed && worth === 2 ? fitsKey(slips, key, worth) : 0,
  )));
}
