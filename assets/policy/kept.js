// What the modeler's own reading of a file loses, put back into what it writes: references that
// lead nowhere, elements and attributes it does not know, comments.
// Compared are the file as it came, the same file read and written unchanged, and the result.

const ELEMENT = 1;
const COMMENT = 8;

const parse = (xml) => {
  const made = new DOMParser().parseFromString(xml, 'application/xml');
  if (made.getElementsByTagName('parsererror').length) throw new Error('not XML');
  return made;
};

const isLeaf = (element) => element.children.length === 0;
const elementsOf = (node) => [...node.childNodes].filter(({ nodeType }) => nodeType === ELEMENT);

/** The same name for the same element in every copy: its id, or its place below the nearest one. */
function nameOf(element, counts) {
  const id = element.getAttribute('id');
  if (id) return `#${id}`;
  const text = isLeaf(element) ? element.textContent.trim() : '';
  const plain = `${element.namespaceURI} ${element.localName} ${text}`;
  const number = (counts.get(plain) ?? 0) + 1;
  counts.set(plain, number);
  return `${plain} ${number}`;
}

/** Every element by its key, in document order. */
function index(root) {
  const found = new Map();
  const visit = (element, parentKey, counts) => {
    const name = nameOf(element, counts);
    const key = name.startsWith('#') || parentKey === null ? name : `${parentKey}/${name}`;
    found.set(parentKey === null ? 'root' : key, element);
    const inner = new Map();
    for (const child of elementsOf(element)) visit(child, parentKey === null ? 'root' : key, inner);
  };
  visit(root, null, new Map());
  return found;
}

const attributeName = ({ namespaceURI, localName }) => `${namespaceURI ?? ''} ${localName}`;
const isDeclaration = ({ name }) => name === 'xmlns' || name.startsWith('xmlns:');

function lostAttributes(before, after) {
  const there = new Set([...after.attributes].map(attributeName));
  return [...before.attributes].filter((one) => !isDeclaration(one) && !there.has(attributeName(one)));
}

/** Lost elements and comments with the key of their parent, and lost attributes by key. */
function lossesOf(original, baseline) {
  const before = index(original.documentElement);
  const after = index(baseline.documentElement);
  const keys = new Map([...before].map(([key, element]) => [element, key]));
  const losses = { nodes: [], attributes: [], declarations: declarationsOf(original) };
  for (const [key, element] of before) {
    const same = after.get(key);
    if (same) {
      const lost = lostAttributes(element, same);
      if (lost.length) losses.attributes.push([key, lost]);
      for (const child of element.childNodes) {
        if (child.nodeType === COMMENT) losses.nodes.push([key, child]);
      }
    } else if (after.has(keys.get(element.parentElement))) {
      losses.nodes.push([keys.get(element.parentElement), element]);
    }
  }
  return losses;
}

const declarationsOf = ({ documentElement }) => [...documentElement.attributes].filter(isDeclaration);

/** Where in the parent a child of this kind goes: after the last one like it or before it. */
function place(parent, node, orderOf) {
  if (node.nodeType === COMMENT) return parent.firstChild;
  const rank = orderOf(node);
  const next = elementsOf(parent).find((other) => orderOf(other) > rank);
  return next ?? null;
}

/** Children of one parent keep the order in which the original had their kinds. */
function ranking(node) {
  const kinds = new Map();
  elementsOf(node.parentElement ?? node).forEach((one, rank) => kinds.set(one.nodeName.split(':').pop(), rank));
  return (other) => kinds.get(other.localName) ?? -1;
}

/**
 * Remember what reading and writing `original` loses; gives a function that puts it back into
 * the XML of later states, as far as the elements that held it are still there.
 */
export function keeper(original, baseline) {
  const losses = lossesOf(parse(original), parse(baseline));
  if (!losses.nodes.length && !losses.attributes.length && !losses.declarations.length) return (xml) => xml;
  return (xml) => restore(xml, losses);
}

function restore(xml, losses) {
  const made = parse(xml);
  const present = index(made.documentElement);
  let changed = false;
  for (const one of losses.declarations) {
    if (made.documentElement.hasAttribute(one.name)) continue;
    made.documentElement.setAttributeNS('http://www.w3.org/2000/xmlns/', one.name, one.value);
    changed = true;
  }
  for (const [key, lost] of losses.attributes) {
    const element = present.get(key);
    for (const one of element ? lost : []) {
      if (element.hasAttributeNS(one.namespaceURI, one.localName)) continue;
      element.setAttributeNS(one.namespaceURI, one.name, one.value);
      changed = true;
    }
  }
  for (const [key, node] of losses.nodes) {
    const parent = present.get(key);
    if (!parent) continue;
    parent.insertBefore(made.importNode(node, true), place(parent, node, ranking(node)));
    changed = true;
  }
  return changed ? head(xml) + new XMLSerializer().serializeToString(made.documentElement) : xml;
}

const head = (xml) => (xml.startsWith('<?xml') ? `${xml.slice(0, xml.indexOf('?>') + 2)}\n` : '');
