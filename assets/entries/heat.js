// A process coloured by how long its steps take, with how often each flow was taken.
// <div class="diagram" data-heat="/…/process.bpmn" data-language="zh" data-facts='{"steps": {…}, "flows": {…}}' …></div>
import Viewer from 'bpmn-js/lib/NavigatedViewer';
import gov from '../diagrams/gov-moddle.json';
import { addControls, lookAt } from '../diagrams/controls.js';
import { heat } from '../diagrams/heat.js';
import { translateNames } from '../diagrams/names.js';
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import '../diagrams/viewer.scss';
import '../diagrams/heat.scss';

async function show(container) {
  const { heat: diagram, language, facts, controls } = container.dataset;
  const answer = await fetch(diagram, { headers: { Accept: 'application/xml' } });
  if (!answer.ok) throw new Error(`the diagram answered ${answer.status}`);
  const viewer = new Viewer({ container, moddleExtensions: { gov } });
  viewer.on('import.parse.complete', ({ definitions }) => {
    if (definitions && language) translateNames(definitions, language);
  });
  await viewer.importXML(await answer.text());
  heat(viewer, JSON.parse(facts));
  lookAt(viewer, []);
  addControls(container, viewer, JSON.parse(controls || '{}'));
  container.dataset.ready = 'yes';
}

for (const container of document.querySelectorAll('[data-heat]')) {
  show(container).catch((error) => {
    console.warn(error);
    container.textContent = container.dataset.failed ?? '';
  });
}
