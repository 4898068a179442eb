// Elements without a framework: `h('button', { type: 'button', onclick }, 'words')`.

let made = 0;

/** An id that nothing else on the page has. */
export const freshId = (prefix) => `${prefix}-${(made += 1)}`;

/** Make an element; `on...` are listeners, `data` its dataset, the rest attributes or properties. */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) put(element, name, value);
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

function put(element, name, value) {
  if (value === undefined || value === null || value === false) return;
  if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
  else if (name === 'class') element.className = value;
  else if (name === 'data') Object.assign(element.dataset, value);
  else if (name in element && !name.startsWith('aria') && name !== 'list' && name !== 'form') element[name] = value;
  else element.setAttribute(name, value === true ? '' : value);
}

/** Replace what an element holds. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter(Boolean));
  return element;
}

export const button = (words, onclick, properties = {}) =>
  h('button', { type: 'button', class: 'btn btn-outline-secondary btn-sm', onclick, ...properties }, words);

/** Offer a text as a file. */
export function download(name, content, type) {
  const link = h('a', { href: URL.createObjectURL(new Blob([content], { type })), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
