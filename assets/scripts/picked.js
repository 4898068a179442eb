// <input type="file" data-picks>: files of a form may be dropped or pasted, and are shown at once.

/** The files that are there and the new ones, which a browser would put in their place. */
function add(input, files) {
  const all = new DataTransfer();
  for (const file of [...(input.multiple ? input.files : []), ...files]) all.items.add(file);
  input.files = all.files;
  input.dispatchEvent(new Event('change', { bubbles: true }));
}

function entry(input, file) {
  const item = document.createElement('li');
  if (file.type.startsWith('image/')) {
    const picture = document.createElement('img');
    picture.src = URL.createObjectURL(file);
    picture.alt = '';
    picture.addEventListener('load', () => URL.revokeObjectURL(picture.src), { once: true });
    // Not every browser shows every photo; whether it is one, the server says.
    picture.addEventListener('error', () => picture.remove(), { once: true });
    item.append(picture);
  }
  const words = document.createElement('span');
  words.textContent = file.name;
  item.append(words);
  if (file.size > Number(input.dataset.mostMb) * 1_000_000) {
    const fault = document.createElement('span');
    fault.className = 'ink-red';
    fault.textContent = input.dataset.tooLarge;
    item.append(fault);
  }
  return item;
}

function watch(input) {
  const list = document.createElement('ul');
  list.className = 'picked';
  list.setAttribute('aria-live', 'polite');
  input.after(list);
  input.addEventListener('change', () => {
    list.replaceChildren(...[...input.files].map((file) => entry(input, file)));
  });
  const field = input.closest('.field') ?? input.parentElement;
  field.addEventListener('dragover', (event) => {
    if ([...event.dataTransfer.types].includes('Files')) event.preventDefault();
  });
  field.addEventListener('drop', (event) => {
    if (!event.dataTransfer.files.length || event.target === input) return;
    event.preventDefault();
    add(input, event.dataTransfer.files);
  });
}

/** A picture on the clipboard goes to the first question for files of the form one is in. */
function pasted(event) {
  const files = event.clipboardData?.files;
  if (!files?.length) return;
  const form = event.target.closest?.('form') ?? document;
  const input = form.querySelector('input[type="file"][data-picks]');
  if (input) add(input, files);
}

export function startPicking(part) {
  for (const input of part.querySelectorAll('input[type="file"][data-picks]')) {
    if (input.dataset.ready) continue;
    input.dataset.ready = 'yes';
    watch(input);
  }
}

document.addEventListener('paste', pasted);
