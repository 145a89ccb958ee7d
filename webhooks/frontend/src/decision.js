// Shows a decision table, read only: <div class="decision" data-decision="/…/decide.dmn" data-name="…"></div>
import Viewer from 'dmn-js/lib/NavigatedViewer';

async function show(place) {
  const answer = await fetch(place.dataset.decision, { credentials: 'same-origin' });
  if (!answer.ok) throw new Error(`The table answered ${answer.status}.`);
  const viewer = new Viewer({ container: place });
  await viewer.importXML(await answer.text());
  const table = viewer.getViews().find((view) => view.type === 'decisionTable');
  if (table) await viewer.open(table);
  place.setAttribute('role', 'region');
  place.setAttribute('aria-label', place.dataset.name || 'Decision table');
  place.tabIndex = 0; // a wide table is scrolled from the keyboard too
  place.dataset.drawn = 'yes';
}

for (const place of document.querySelectorAll('[data-decision]')) {
  show(place).catch((reason) => {
    place.dataset.drawn = 'no';
    console.error(reason);
  });
}
