// Our own extension elements, read and changed through the modeler, so that undo knows of them.

/** The model behind an element: of a pool, the process in it. */
export function modelOf(element) {
  const model = element.businessObject;
  return model.$type === 'bpmn:Participant' && model.processRef ? model.processRef : model;
}

/** The extension of a model by type, such as `gov:Task`; undefined where there is none. */
export function govOf(model, type) {
  return model.extensionElements?.values?.find((value) => value.$type === type);
}

export function englishOf(model) {
  return label(model)?.text?.trim() ?? '';
}

const label = (model) => model.extensionElements?.values
  ?.find((value) => value.$type === 'gov:Label' && (value.lang ?? 'en').startsWith('en'));

/** Commands that are given inside of this one are undone with it. */
class Together {
  preExecute({ act }) {
    act();
  }
}

/** Makes changes; every one is a step of its own for undo. */
export class Changes {
  constructor(modeler) {
    this.modeling = modeler.get('modeling');
    this.factory = modeler.get('bpmnFactory');
    this.moddle = modeler.get('moddle');
    this.commandStack = modeler.get('commandStack');
    this.commandStack.registerHandler('together', Together);
  }

  /** Several changes as one step of undo. */
  together(act) {
    this.commandStack.execute('together', { act });
  }

  /** Change what the picture shows too: names, ids, the default branch. */
  own(element, properties) {
    this.modeling.updateProperties(element, clean(properties));
  }

  /** Change plain properties of `model`, which is the element's own or something inside of it. */
  set(element, model, properties) {
    this.modeling.updateModdleProperties(element, model, clean(properties));
  }

  /** Change attributes of a gov extension and make it where it is missing. */
  setGov(element, model, type, properties) {
    const found = govOf(model, type);
    if (found) this.set(element, found, properties);
    else this.addExtension(element, model, this.make(type, clean(properties)));
  }

  setEnglish(element, model, text) {
    const found = label(model);
    if (!text) this.removeExtension(element, model, found);
    else if (found) this.set(element, found, { text });
    else this.addExtension(element, model, this.make('gov:Label', { lang: 'en', text }));
  }

  addExtension(element, model, extension) {
    this.replaceExtensions(element, model, [...(model.extensionElements?.values ?? []), extension]);
  }

  removeExtension(element, model, extension) {
    if (!extension) return;
    this.replaceExtensions(element, model, model.extensionElements.values.filter((one) => one !== extension));
  }

  replaceExtensions(element, model, values) {
    const holder = values.length ? this.make('bpmn:ExtensionElements', { values }) : undefined;
    for (const value of values) value.$parent = holder;
    if (holder) holder.$parent = model;
    this.modeling.updateModdleProperties(element, model, { extensionElements: holder });
  }

  /** A FEEL text as BPMN writes expressions; nothing for an empty one. */
  expression(model, body) {
    if (!body?.trim()) return undefined;
    const made = this.factory.create('bpmn:FormalExpression', { body });
    made.$parent = model;
    return made;
  }

  make(type, properties) {
    return this.moddle.create(type, properties);
  }

  /** A root element such as a message, made by name where there is none of that name. */
  root(element, type, name, more = {}) {
    const definitions = definitionsOf(element.businessObject);
    const known = definitions.rootElements.find((one) => one.$type === type && one.name === name);
    if (known) return known;
    const made = this.factory.create(type, { name, ...more });
    made.$parent = definitions;
    this.modeling.updateModdleProperties(element, definitions, { rootElements: [...definitions.rootElements, made] });
    return made;
  }
}

export function definitionsOf(model) {
  let found = model;
  while (found.$parent) found = found.$parent;
  return found;
}

/** An emptied field leaves no empty attribute behind. */
function clean(properties) {
  return Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, value === '' ? undefined : value]));
}
