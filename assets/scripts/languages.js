// On an English page, names and titles that are Chinese say so, for who listens and for the font.

const CHINESE = /[\u3400-\u9fff]/;

/** Mark each element whose own words hold Chinese, or a word of a longer sentence by itself. */
export function startLanguages(part) {
  if (!document.documentElement.lang.startsWith('en')) return;
  const words = document.createTreeWalker(part, NodeFilter.SHOW_TEXT, (node) =>
    CHINESE.test(node.data) && !node.parentElement.closest('[lang="zh-CN"], script, style, textarea, svg')
      ? NodeFilter.FILTER_ACCEPT : NodeFilter.FILTER_REJECT);
  const found = [];
  while (words.nextNode()) found.push(words.currentNode);
  for (const node of found) mark(node);
}

function mark(node) {
  const around = node.parentElement;
  if (!/[a-z]{2}/i.test(around.textContent)) around.lang = 'zh-CN';
  else if (around.matches('option')) return;
  else for (const run of node.data.match(/[\u3400-\u9fff][\u3000-\u303f\u3400-\u9fff\uff00-\uffef\d]*/g)) node = wrap(node, run);
}

/** Put a run of characters into a span of its own; return the text that follows it. */
function wrap(node, run) {
  const rest = node.splitText(node.data.indexOf(run));
  const after = rest.splitText(run.length);
  const span = document.createElement('span');
  span.lang = 'zh-CN';
  rest.replaceWith(span);
  span.append(rest);
  return after;
}
