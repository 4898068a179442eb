// What the server does not hold yet also lies in this browser until it does, so that a tab that
// is killed loses nothing. Definitions are not personal data; answers to forms never come here.

const key = (url) => `fengqiao-unsaved-${url}`;

/** Remember the changed files with the texts that they were made from. */
export function remember(url, files, bases) {
  try {
    localStorage.setItem(key(url), JSON.stringify({ files, bases }));
  } catch {
    // Full, or forbidden: the server has it in a moment.
  }
}

export function forget(url) {
  try {
    localStorage.removeItem(key(url));
  } catch {
    // Nothing was kept then.
  }
}

/** What an earlier page could not save: `{files, bases}` without what the server has by now. */
export function recall(url, current) {
  let kept = null;
  try {
    kept = JSON.parse(localStorage.getItem(key(url)) ?? 'null');
  } catch {
    // Unreadable is the same as nothing.
  }
  const paths = Object.keys(kept?.files ?? {}).filter((path) => (current[path] ?? null) !== kept.files[path]);
  return paths.length ? { paths, ...kept } : null;
}
