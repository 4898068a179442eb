// The page on which a draft is drawn: diagram, forms, tables, and what the check says of them.
// <div id="editor" data-draft="/policy/drafts/1"> with parts named by data-part.
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import 'bpmn-js/dist/assets/bpmn-font/css/bpmn-embedded.css';
import '../policy/style/editor.scss';
import { Desk } from '../policy/desk.js';
import { Draft } from '../policy/draft.js';
import * as files from '../policy/files.js';
import { beHere, showStatus } from '../policy/status.js';
import { Tabs } from '../policy/tabs.js';
import { showAll } from '../policy/views.js';
import { t } from '../policy/words.js';

const editor = document.getElementById('editor');
const place = (name) => editor.querySelector(`[data-part="${name}"]`);

/** Buttons of the head: `data-act="undo"`. */
function actions(desk) {
  const stack = (name) => () => (desk.acting ?? desk.modeler.get('commandStack'))[name]();
  return {
    undo: stack('undo'),
    redo: stack('redo'),
    import: () => place('upload').click(),
    dmn: () => files.exportTables(desk),
    xml: () => files.exportXml(desk),
    svg: () => files.exportSvg(desk),
    png: () => files.exportPng(desk),
    print: () => files.print(desk),
    fit: () => showAll(desk.modeler),
    in: () => desk.modeler.get('zoomScroll').stepZoom(1),
    out: () => desk.modeler.get('zoomScroll').stepZoom(-1),
    coverage: () => desk.coverage.press(),
    check: () => desk.findings.run(),
  };
}

function listen(desk) {
  const known = actions(desk);
  editor.addEventListener('click', (event) => {
    const act = event.target.closest('[data-act]')?.dataset.act;
    if (!act) return;
    event.target.closest('details.menu')?.removeAttribute('open');
    Promise.resolve(known[act]()).catch((error) => desk.say(error.message));
  });
  for (const link of editor.querySelectorAll('.editor-head a')) link.addEventListener('click', (event) => leave(desk, event));
  place('upload').addEventListener('change', () => upload(desk, place('upload')));
}

/** The next page is about what is on the server: first everything goes there. */
async function leave(desk, event) {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  await desk.settle();
  if (!desk.draft.waiting.size) window.location.assign(event.target.closest('a').href);
}

async function upload(desk, input) {
  try {
    for (const file of input.files) desk.say(await files.take(desk, file));
  } catch (error) {
    desk.say(t('未导入：{reason}', { reason: error.message }));
  }
  input.value = '';
}

async function start() {
  const draft = await new Draft(editor.dataset.draft).load();
  const desk = new Desk(draft, place);
  new Tabs(desk, place('tabs'), place);
  showStatus(desk);
  listen(desk);
  draft.resume();
  const [first] = draft.paths('.bpmn');
  if (first) await desk.openDiagram(first);
  // The escalation table is a table and nothing else.
  if (!first) for (const name of ['diagram', 'form']) place('tabs').querySelector(`[data-tab="${name}"]`).hidden = true;
  await desk.tabs.show(first ? 'diagram' : 'table');
  editor.dataset.ready = 'yes';
  performance.mark('editor-ready');
  beHere(desk);
  desk.findings.run();
}

start().catch((error) => {
  console.warn(error);
  place('said').textContent = t('编辑器无法打开：{reason}', { reason: error.message });
});
