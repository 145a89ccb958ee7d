// The editor of a pathway's diagram: draws, checks after every save, and keeps what is drawn.
import Modeler from 'bpmn-js/lib/Modeler';
import { BpmnPropertiesPanelModule, BpmnPropertiesProviderModule, ZeebePropertiesProviderModule } from 'bpmn-js-properties-panel';
import zeebe from 'zeebe-bpmn-moddle/resources/zeebe.json';
import ZeebeBehaviors from 'camunda-bpmn-js-behaviors/lib/camunda-cloud';
import { ZeebeVariableResolverModule } from '@bpmn-io/variable-resolver';
import VariableProvider from '@bpmn-io/variable-resolver/lib/VariableProvider';
import { is } from 'bpmn-js/lib/util/ModelUtil';
import caseworkGroups from './casework-groups.js';
import onlyWhatRuns from './only-what-runs.js';
import textRenderer from './lettering.js';
import { Keeping, failed, listFindings } from './keeping.js';

const LEFT = 130; // room for the palette beside the picture

class WhatThereIs extends VariableProvider {
  constructor(variableResolver, offers) {
    super(variableResolver);
    this.offers = offers;
  }

  getVariables(element) {
    if (!is(element, 'bpmn:Process') && !is(element, 'bpmn:Participant')) return undefined;
    const found = new Map();
    for (const { name, info } of this.offers.now.variables) {
      const [first, second] = name.split('.');
      const variable = found.get(first) || { name: first, info: second ? '' : info, type: second ? 'Context' : '', entries: [] };
      if (second) variable.entries.push({ name: second, info, type: '' });
      found.set(first, variable);
    }
    return [...found.values()];
  }
}
WhatThereIs.$inject = ['variableResolver', 'offers'];

// Buttons, because a wheel is of no use to a keyboard, and not every mouse has one (WCAG 2.2, 2.1.1).
function look(canvas) {
  const whole = () => {
    const { x, y, width, height } = canvas.viewbox().inner, size = canvas.getSize();
    const scale = Math.min(1, (size.width - LEFT) / (width + 40), size.height / (height + 60));
    canvas.viewbox({ x: x - LEFT / scale, y: y - 30, width: size.width / scale, height: size.height / scale });
  };
  const actions = { Larger: () => canvas.zoom(canvas.zoom() * 1.25), Smaller: () => canvas.zoom(canvas.zoom() / 1.25), 'Whole picture': whole };
  for (const [words, action] of Object.entries(actions)) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'govuk-button govuk-button--secondary govuk-!-margin-bottom-0';
    button.textContent = words;
    button.addEventListener('click', action);
    document.querySelector('.app-editor-bar').append(button);
  }
}

async function begin(room) {
  const offers = { now: null };
  const modeler = new Modeler({
    container: room.querySelector('[data-canvas]'),
    propertiesPanel: { parent: room.querySelector('[data-panel]') },
    moddleExtensions: { zeebe },
    textRenderer,
    additionalModules: [
      BpmnPropertiesPanelModule, BpmnPropertiesProviderModule, ZeebePropertiesProviderModule, ZeebeBehaviors,
      ZeebeVariableResolverModule, caseworkGroups, onlyWhatRuns,
      { offers: ['value', offers], __init__: ['whatThereIs'], whatThereIs: ['type', WhatThereIs] },
    ],
  });
  const canvas = modeler.get('canvas'), registry = modeler.get('elementRegistry'), overlays = modeler.get('overlays');

  const go = (id) => {
    const element = registry.get(id);
    modeler.get('selection').select(element);
    canvas.scrollToElement(element, { top: 100, bottom: 100, left: LEFT + 40, right: 100 });
    room.scrollIntoView({ block: 'nearest' });
  };
  go.knows = (id) => Boolean(id && registry.get(id));

  const mark = (findings) => {
    overlays.remove({ type: 'finding' });
    const by = new Map();
    for (const one of findings) if (one.file === room.dataset.path && go.knows(one.place)) by.set(one.place, [...(by.get(one.place) || []), one]);
    for (const [place, found] of by) {
      const html = document.createElement('div');
      html.className = 'app-mark';
      html.dataset.severity = found.some((one) => one.severity === 'refusal') ? 'refusal' : 'advice';
      html.textContent = found.length > 1 ? String(found.length) : '!';
      html.title = found.map((one) => `${one.message} ${one.mend}`).join('\n');
      overlays.add(place, 'finding', { position: { top: -14, right: 14 }, html, show: { minZoom: 0.2 } });
    }
  };

  let findings = [];
  const keeping = new Keeping(room, {
    text: async () => (await modeler.saveXML({ format: true })).xml,
    show: async (body, said) => {
      if (said.offers) offers.now = said.offers;
      const place = offers.now && canvas.getContainer().dataset.shown ? canvas.viewbox() : null;
      await modeler.importXML(body);
      if (place) canvas.viewbox(place);
      else {
        const { x, y, width, height } = canvas.viewbox().inner, scale = Math.max(0.55, Math.min(1, (canvas.getSize().width - LEFT) / (width + 40)));
        canvas.viewbox({ x: x - LEFT / scale, y: y - 30, width: canvas.getSize().width / scale, height: canvas.getSize().height / scale });
      }
      canvas.getContainer().dataset.shown = 'yes';
      mark(findings);
    },
    told: (said) => {
      if (said.findings) findings = said.findings;
      mark(findings);
      listFindings(document.querySelector('[data-findings]'), [...(said.refused || []), ...findings], {
        path: room.dataset.path, show: go, none: 'The checks find nothing: it runs as drawn.',
      });
    },
  });
  modeler.on('commandStack.changed', () => keeping.changed());
  await keeping.open();
  look(canvas);
  const picture = canvas.getContainer().querySelector('svg[data-element-id], .djs-container svg, svg');
  picture?.setAttribute('aria-label', `Diagram ${room.dataset.path}`);
  picture?.setAttribute('role', 'application');
  room.modeler = modeler; // tests draw through the editor's own services
}

const room = document.querySelector('[data-editor="diagram-editor"]');
if (room) begin(room).catch(failed);
