// A worker that looks for the number with which a challenge's hash begins with zero bits.
// SHA-256 by itself: crypto.subtle is missing on pages without TLS.

const PRIMES = [];
for (let number = 2; PRIMES.length < 64; number += 1) {
  if (PRIMES.every((prime) => number % prime)) PRIMES.push(number);
}
/** The first 32 bits of the fraction of a root. */
const fraction = (value) => ((value - Math.floor(value)) * 2 ** 32) | 0;
const ROUND = Int32Array.from(PRIMES, (prime) => fraction(Math.cbrt(prime)));
const START = Int32Array.from(PRIMES.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));
// Made once: the loop runs a hundred thousand times.
const words = new Int32Array(64);
const last = new Int32Array(8);
const end = new Uint8Array(128);
const size = new DataView(end.buffer);

const turn = (word, by) => (word >>> by) | (word << (32 - by));

/** One block of 64 bytes into the state. */
function compress(state, bytes, at) {
  for (let i = 0; i < 16; i += 1) {
    const from = at + i * 4;
    words[i] = (bytes[from] << 24) | (bytes[from + 1] << 16) | (bytes[from + 2] << 8) | bytes[from + 3];
  }
  for (let i = 16; i < 64; i += 1) {
    const old = words[i - 15];
    const young = words[i - 2];
    const low = turn(old, 7) ^ turn(old, 18) ^ (old >>> 3);
    const high = turn(young, 17) ^ turn(young, 19) ^ (young >>> 10);
    words[i] = (words[i - 16] + low + words[i - 7] + high) | 0;
  }
  let a = state[0];
  let b = state[1];
  let c = state[2];
  let d = state[3];
  let e = state[4];
  let f = state[5];
  let g = state[6];
  let h = state[7];
  for (let i = 0; i < 64; i += 1) {
    const high = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
    const one = (h + high + ((e & f) ^ (~e & g)) + ROUND[i] + words[i]) | 0;
    const low = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22);
    const two = (low + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + one) | 0;
    d = c;
    c = b;
    b = a;
    a = (one + two) | 0;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
  state[5] += f;
  state[6] += g;
  state[7] += h;
}

/** The state after the whole blocks of a text, and the bytes that are left of it. */
function begun(text) {
  const bytes = new TextEncoder().encode(text);
  const state = START.slice();
  const whole = bytes.length - (bytes.length % 64);
  for (let at = 0; at < whole; at += 64) compress(state, bytes, at);
  return { state, rest: bytes.subarray(whole), length: bytes.length };
}

/** Whether the hash begins with so many zero bits once the digits of a number are added. */
function fits(head, number, bits) {
  const digits = String(number);
  const filled = head.rest.length + digits.length;
  const length = filled + 9 > 64 ? 128 : 64;
  end.fill(0);
  end.set(head.rest);
  for (let i = 0; i < digits.length; i += 1) end[head.rest.length + i] = digits.charCodeAt(i);
  end[filled] = 0x80;
  size.setUint32(length - 4, (head.length + digits.length) * 8);
  last.set(head.state);
  for (let at = 0; at < length; at += 64) compress(last, end, at);
  return Math.clz32(last[0]) >= bits;
}

self.onmessage = ({ data }) => {
  const head = begun(`${data.challenge}:`);
  let number = 0;
  while (!fits(head, number, data.bits)) number += 1;
  self.postMessage(number);
};
