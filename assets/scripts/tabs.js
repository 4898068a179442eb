// A row of tabs that is wider than a phone begins where the reader is, not at its start.

export function startTabs(part) {
  for (const here of part.querySelectorAll('.queues [aria-current], .tabs [aria-current]')) {
    const row = here.closest('.queues, .tabs');
    const [at, of] = [here.getBoundingClientRect(), row.getBoundingClientRect()];
    row.scrollLeft += at.left + at.width / 2 - (of.left + of.width / 2);
  }
}
