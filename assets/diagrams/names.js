// Names of a diagram's elements in the page's language: <gov:label lang="en"> beside the Chinese.

/** Put the labels of `language` in the place of the names, before the diagram is drawn. */
export function translateNames(definitions, language) {
  for (const element of everyElement(definitions)) {
    const labels = element.extensionElements?.values ?? [];
    const label = labels.find((value) => value.$type === 'gov:Label' && value.lang === language);
    if (label?.text) element.name = label.text.trim();
  }
}

function* everyElement(element) {
  yield element;
  for (const property of ['rootElements', 'flowElements', 'laneSets', 'lanes', 'participants', 'artifacts']) {
    for (const child of element[property] ?? []) yield* everyElement(child);
  }
  if (element.childLaneSet) yield* everyElement(element.childLaneSet);
}
