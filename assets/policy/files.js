// Files in and out: import, export, pictures, print.
import { download } from './dom.js';
import { showAll } from './views.js';
import { t } from './words.js';

const LARGEST = 1_000_000;

/** The text of a file in the encoding that it names itself. */
export async function textOf(file) {
  const bytes = await file.arrayBuffer();
  const head = new TextDecoder('latin1').decode(bytes.slice(0, 200));
  const encoding = /^<\?xml[^>]*encoding=["']([\w-]+)["']/.exec(head)?.[1] ?? 'utf-8';
  const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
  return text.replace(/^\uFEFF/, '').replace(/^(<\?xml[^>]*encoding=["'])[\w-]+/, '$1UTF-8');
}

/** Take a file into the draft: a diagram in place of the open one, a table or form beside the others. */
export async function take(desk, file) {
  if (file.size > LARGEST) throw new Error(t('文件超过 1 MB 的上限。'));
  const text = await textOf(file);
  if (/<!DOCTYPE|<!ENTITY/i.test(text)) throw new Error(t('文件含有 DOCTYPE，不能导入。'));
  if (file.name.endsWith('.json')) return takeForm(desk, text);
  if (/<(?:\w+:)?decision\b/.test(text)) return takeTable(desk, file.name, text);
  return takeDiagram(desk, text);
}

async function takeDiagram(desk, text) {
  const { diagram, draft } = desk;
  const before = draft.files[diagram.path];
  await diagram.write();
  await draft.offer(diagram.path, text);
  desk.tabs.show('diagram');
  try {
    await diagram.open(diagram.path);
  } catch (error) {
    draft.put(diagram.path, before ?? null, { source: 'import' });
    await diagram.open(diagram.path);
    throw error;
  }
  showAll(desk.modeler);
  return t('已导入。不能运行的地方列在下面的检查里。');
}

async function takeTable(desk, name, text) {
  const { draft } = desk;
  const plain = name.replace(/\.(dmn|xml)$/i, '').replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 60).toLowerCase() || 'table';
  const path = draft.process === 'escalation' ? 'processes/escalation.dmn' : `processes/${draft.process}/${plain}.dmn`;
  await draft.offer(path, text);
  await desk.openTable(path);
  return t('已导入决策表 {name}。', { name });
}

function takeForm(desk, text) {
  const definition = JSON.parse(text);
  const key = `${desk.draft.process}/${String(definition.key ?? '').split('/').pop() || 'form'}`;
  desk.forms.put(key, { ...definition, key });
  desk.openForm(key);
  return t('已导入表单《{title}》。', { title: desk.forms.title(key) });
}

const nameOf = (path, ending) => path.split('/').pop().replace(/\.\w+$/, ending);

export async function exportXml(desk) {
  const { path } = desk.diagram;
  download(nameOf(path, '.bpmn'), await desk.diagram.xml(), 'application/xml');
}

export function exportTables(desk) {
  for (const path of desk.draft.paths('.dmn')) download(nameOf(path, '.dmn'), desk.draft.files[path], 'application/xml');
}

export async function exportSvg(desk) {
  const { svg } = await desk.modeler.saveSVG();
  download(nameOf(desk.diagram.path, '.svg'), svg, 'image/svg+xml');
}

const SHARP = 2;

/** The picture as an image of twice the size, on white. */
export async function exportPng(desk) {
  const { svg } = await desk.modeler.saveSVG();
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width: image.width * SHARP, height: image.height * SHARP });
  const context = canvas.getContext('2d');
  context.fillStyle = 'white';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((done) => { canvas.toBlob(done, 'image/png'); });
  download(nameOf(desk.diagram.path, '.png'), blob, 'image/png');
}

/** Print the picture alone, as large as the sheet allows. */
export async function print(desk) {
  const { svg } = await desk.modeler.saveSVG();
  const sheet = desk.place('sheet');
  const drawn = new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement;
  drawn.removeAttribute('width');
  drawn.removeAttribute('height');
  sheet.replaceChildren(document.importNode(drawn, true));
  window.print();
}
