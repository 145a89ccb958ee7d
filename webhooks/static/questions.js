// Shows the questions that the answers so far call for, and the answers that follow from them. The server knows the
// rules; without this script it asks them on a second page, once the answers that call for them have come.
const form = document.querySelector('form[data-asked]');
const dependent = form ? [...form.querySelectorAll('[data-depends]')] : [];
const groups = form ? [...form.querySelectorAll('[data-group]')] : [];
const worked = form ? [...form.querySelectorAll('[data-worked]')] : [];
const seen = form ? form.querySelector('input[name="seen"]') : null;

function show(asked) {
  for (const place of dependent) place.hidden = !asked.includes(place.dataset.depends);
  for (const group of groups) {
    const inner = [...group.querySelectorAll('[data-depends]')];
    if (inner.length > 0) group.hidden = inner.every((place) => place.hidden) && !group.querySelector('.govuk-form-group:not([data-depends] *)');
  }
  if (seen) seen.value = asked.join(' ');
}

async function ask() {
  const body = new FormData(form);
  const answer = await fetch(form.dataset.asked, { method: 'POST', body, headers: { Accept: 'application/json' } });
  if (!answer.ok) return;
  const told = await answer.json();
  show(told.asked);
  for (const place of worked) place.textContent = told.worked[place.dataset.worked] ?? place.textContent;
}

if (dependent.length + worked.length > 0) {
  let waiting;
  form.addEventListener('input', () => {
    clearTimeout(waiting);
    // Where the service does not answer, the server asks what is missing on its next page.
    waiting = setTimeout(() => ask().catch(() => {}), 250);
  });
}
