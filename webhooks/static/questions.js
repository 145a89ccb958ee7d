// Shows the questions that the answers so far call for. The server knows the rules; without this script every
// question is shown and the server leaves out the answers that do not apply.
const form = document.querySelector('form[data-asked]');
const dependent = form ? [...form.querySelectorAll('[data-depends]')] : [];

function show(asked) {
  for (const place of dependent) place.hidden = !asked.includes(place.dataset.depends);
}

async function ask() {
  const body = new FormData(form);
  const answer = await fetch(form.dataset.asked, { method: 'POST', body, headers: { Accept: 'application/json' } });
  if (answer.ok) show((await answer.json()).asked);
}

if (dependent.length > 0) {
  show(dependent.filter((place) => !('notAsked' in place.dataset)).map((place) => place.dataset.depends));
  let waiting;
  form.addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => ask().catch(() => show(dependent.map((place) => place.dataset.depends))), 250);
  });
}
