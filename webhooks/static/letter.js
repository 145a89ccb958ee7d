// Shows a letter as it reads while it is being typed: the server renders the text after a short rest, and only the part
// that shows it is replaced, so that no keystroke, caret or earlier step back is lost. Without this script a button does.
const form = document.querySelector('form[data-reads]');
const shown = document.querySelector('[data-read]');
const said = document.querySelector('[data-reading]');
const text = form ? form.elements.namedItem('text') : null;
const REST = 400; // ms without a keystroke before the letter is read
const KEPT_HERE = 'What you typed is still here; “Keep the letter” saves it.';

let waiting;
let turn = 0;
let kept = text && !('unsaved' in form.dataset) ? text.defaultValue : null;

function say(words) {
  if (said.textContent !== words) said.textContent = words;
}

async function read() {
  turn += 1;
  const mine = turn;
  let answer;
  try {
    answer = await fetch(form.dataset.reads, {
      method: 'POST', body: new FormData(form), credentials: 'same-origin', headers: { Accept: 'application/json' },
    });
  } catch {
    if (mine === turn) say(`The service does not answer, so this is not how it reads now. ${KEPT_HERE}`);
    return;
  }
  const body = await answer.json().catch(() => ({}));
  if (mine !== turn) return; // something newer was typed meanwhile
  if (answer.ok && typeof body.html === 'string') {
    shown.innerHTML = body.html; // written and escaped by the service's own templates
    say('As typed.');
  } else {
    const why = body.detail || body.title || `The service answered ${answer.status}.`;
    say(`This is not how it reads now: ${why} ${KEPT_HERE}`);
  }
}

if (form && shown && said && text) {
  say('Follows what you type.');
  text.addEventListener('input', () => {
    say('Reading…');
    clearTimeout(waiting);
    waiting = setTimeout(read, REST);
  });
  form.addEventListener('submit', () => { kept = text.value; });
  window.addEventListener('beforeunload', (event) => {
    if (text.value !== kept) event.preventDefault();
  });
  // A page that comes back from the browser's memory shows what was typed before: it is read anew.
  if (text.value !== text.defaultValue) read();
}
