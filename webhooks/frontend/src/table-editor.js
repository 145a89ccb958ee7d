// The editor of a decision table: what the prover says stands below it after every save.
import DmnModeler from 'dmn-js/lib/Modeler';
import { Keeping, failed, listFindings } from './keeping.js';

async function begin(room) {
  const modeler = new DmnModeler({ container: room.querySelector('[data-canvas]'), keyboard: { bindTo: document } });
  const listened = new WeakSet();

  const keeping = new Keeping(room, {
    text: async () => (await modeler.saveXML({ format: true })).xml,
    show: async (body) => {
      const view = modeler.getActiveView()?.element?.id;
      await modeler.importXML(body, { open: false });
      const views = modeler.getViews();
      const chosen = views.find((one) => one.element.id === view && one.type !== 'drd')
        || views.find((one) => one.type === 'decisionTable') || views.find((one) => one.type === 'literalExpression') || views[0];
      await modeler.open(chosen);
      watch();
    },
    told: (said) => {
      listFindings(document.querySelector('[data-findings]'), [...(said.refused || []), ...(said.findings || [])], {
        path: room.dataset.path, none: 'The checks and the prover find nothing against this table.',
      });
      const place = document.querySelector('[data-proofs]');
      place.replaceChildren();
      for (const { decision, sound } of said.proofs || []) {
        const line = document.createElement('p');
        line.className = 'govuk-body';
        line.dataset.sound = String(sound);
        line.textContent = sound
          ? `${decision} is proved: every combination has its answer, and no two rows contradict each other.`
          : `${decision} is not proved: see below what is missing.`;
        place.append(line);
      }
    },
  });

  // Each view (table, expression, requirements) has a command stack of its own.
  function watch() {
    const viewer = modeler.getActiveViewer();
    if (!viewer || listened.has(viewer)) return;
    listened.add(viewer);
    viewer.on('commandStack.changed', () => keeping.changed());
    viewer.on('elements.changed', () => keeping.changed());
  }
  modeler.on('views.changed', watch);
  await keeping.open();
  room.modeler = modeler;
}

const room = document.querySelector('[data-editor="table-editor"]');
if (room) begin(room).catch(failed);
