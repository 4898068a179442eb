// Where one comes from: the elements that a case has passed before it reaches another.

const into = (element) => (element.incoming ?? []).filter((flow) => flow.type === 'bpmn:SequenceFlow');

function sources(element) {
  if (element.type === 'bpmn:SequenceFlow') return [element.source];
  const found = into(element).map((flow) => flow.source);
  if (element.host) found.push(element.host);
  // The first step of a subprocess comes after what comes before the subprocess.
  const { parent } = element;
  if (parent?.type === 'bpmn:SubProcess') found.push(parent);
  return found;
}

/** Steps inside of a subprocess are behind who leaves it. */
const inside = (element) => (element.type === 'bpmn:SubProcess' ? element.children.filter((one) => one.businessObject) : []);

/** All elements before this one, the nearest first; itself only if a loop leads back to it. */
export function before(element) {
  const found = new Set();
  const queue = [...sources(element)];
  while (queue.length) {
    const one = queue.shift();
    if (!one || found.has(one)) continue;
    found.add(one);
    queue.push(...sources(one), ...inside(one).filter((each) => !found.has(each)));
  }
  return [...found].filter((one) => one.type !== 'label');
}

/** Every step that stands in the diagram. */
export function all(modeler) {
  return modeler.get('elementRegistry').filter((element) => element.businessObject && element.type !== 'label');
}
