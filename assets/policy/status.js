// The line that says whether everything is on the server, who else is here, and whose save was first.
import { button, download, fill, h } from './dom.js';
import { ask } from './draft.js';
import { t } from './words.js';

const HEARTBEAT = 30_000;

const zone = () => document.getElementById('editor').dataset.zone;
const clock = (at) => new Date(at ?? Date.now()).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', timeZone: zone() });

export function showStatus(desk) {
  const { draft } = desk;
  const line = desk.place('saved');
  const tell = (words, bad = false) => {
    line.textContent = words;
    line.classList.toggle('ink-red', bad);
  };
  draft.on('saving', () => tell(t('正在保存…')));
  draft.on('saved', ({ at }) => tell(t('{time} 自动保存', { time: clock(at) })));
  draft.on('failed', ({ reason }) => tell(t('未保存：{reason}', { reason: reason || t('无法连接服务器，正在重试') }), true));
  draft.on('merged', ({ by, at }) => desk.say(t('{by} 于 {time} 也修改了此草稿，已合并。', { by, time: clock(at) })));
  draft.on('resumed', () => desk.say(t('上次未保存的修改已恢复。')));
  draft.on('conflict', (conflict) => showConflict(desk, conflict));
  draft.on('settled', () => { desk.place('conflict').hidden = true; });
}

/** Both changed one file: nothing is overwritten until somebody decides. */
function showConflict(desk, { by, at, paths }) {
  const { draft } = desk;
  const place = desk.place('conflict');
  const names = paths.map((path) => path.split('/').pop()).join('、');
  const keep = () => paths.forEach((path) => download(path.split('/').pop(), draft.files[path] ?? '', 'application/octet-stream'));
  fill(place,
    h('p', {}, h('strong', {}, t('{by} 于 {time} 已先保存 {names}。', { by, time: clock(at), names })), ' ',
      t('您的修改尚未保存，未覆盖对方版本。')),
    h('div', { class: 'conflict-ways' },
      button(t('下载我的文件'), keep),
      button(t('采用对方版本'), () => draft.settle(false), { class: 'btn btn-primary btn-sm' }),
      button(t('以我的版本覆盖'), () => draft.settle(true), { class: 'btn btn-outline-danger btn-sm' })));
  place.hidden = false;
}

/** Say every half minute that the draft is open here, and who else has it open. */
export function beHere(desk) {
  const beat = async () => {
    try {
      const answer = await ask(`${desk.draft.url}/here`, 'POST', {});
      if (answer.ok) showPeople(desk, (await answer.json()).people);
    } catch {
      // The line about saving says that the server is away.
    }
  };
  beat();
  setInterval(() => document.hidden || beat(), HEARTBEAT);
  // Who comes back to the page hears at once who has come meanwhile.
  document.addEventListener('visibilitychange', () => document.hidden || beat());
}

function showPeople(desk, people) {
  const others = people.filter(({ me }) => !me).map(({ name }) => name);
  const place = desk.place('people');
  place.hidden = others.length === 0;
  place.textContent = others.length ? t('{names} 正在编辑', { names: others.join('、') }) : '';
}
