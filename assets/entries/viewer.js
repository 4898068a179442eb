// The diagram of a running case, with what is done, open or late marked on it.
// <div class="diagram" role="group" aria-label="流程图" data-diagram="/…/diagram.bpmn" data-language="zh"
//      data-marks='{"accept": {"state": "done", "text": "王某某 11-20"}}'
//      data-words='{"done": "已完成", "current": "进行中", "overdue": "已超期"}'
//      data-controls='{"in": "放大", "out": "缩小", "fit": "适应画布"}' data-failed="流程图无法显示"></div>
import Viewer from 'bpmn-js/lib/NavigatedViewer';
import gov from '../diagrams/gov-moddle.json';
import { addControls, lookAt } from '../diagrams/controls.js';
import { mark } from '../diagrams/marks.js';
import { translateNames } from '../diagrams/names.js';
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import '../diagrams/viewer.scss';

const read = (text) => JSON.parse(text || '{}');

async function show(container) {
  const { diagram, language, marks, words, controls } = container.dataset;
  const answer = await fetch(diagram, { headers: { Accept: 'application/xml' } });
  if (!answer.ok) throw new Error(`the diagram answered ${answer.status}`);
  const viewer = new Viewer({ container, moddleExtensions: { gov } });
  viewer.on('import.parse.complete', ({ definitions }) => {
    if (definitions && language) translateNames(definitions, language);
  });
  await viewer.importXML(await answer.text());
  const wanted = read(marks);
  mark(viewer, wanted, read(words));
  lookAt(viewer, Object.keys(wanted).filter((id) => wanted[id].state !== 'done'));
  addControls(container, viewer, read(controls));
  container.dataset.ready = 'yes';
}

for (const container of document.querySelectorAll('[data-diagram]')) {
  show(container).catch((error) => {
    console.warn(error);
    container.textContent = container.dataset.failed ?? '';
  });
}
