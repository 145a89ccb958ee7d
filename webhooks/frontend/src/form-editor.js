// The editor of a form, with the page that people will see beside it, as the service's own renderer writes it.
import { FormEditor } from '@bpmn-io/form-js-editor';
import { jsx } from 'preact/jsx-runtime';
import { Keeping, ask, failed, listFindings } from './keeping.js';

// What engine/forms reads, and what of each the page of a task can show (docs/writing-forms.md).
const ASKED = new Set([
  'textfield', 'textarea', 'number', 'datetime', 'checkbox', 'radio', 'select', 'checklist', 'taglist', 'text', 'group',
  'separator', 'spacer',
]);
const NOT_READ_GROUPS = new Set(['serialization', 'layout', 'securityAttributes', 'custom-values', 'customProperties']);
const NOT_READ_ENTRIES = new Set(['path', 'use24h', 'verticalAlignment', 'height', 'showOutline', 'searchable']);

const OWN = [
  ['label', 'Whose rule it is', () => true, 'labels'],
  ['clauses', 'Clauses', () => true, 'clauses'],
  ['value', 'What stands in it at first (=FEEL)', () => true],
  ['check', 'Must be true (=FEEL)', () => true],
  ['message', 'What to say where it is not true', () => true],
  ['earliest', 'Earliest date (=FEEL or 2026-01-31)', ({ type }) => type === 'datetime'],
  ['latest', 'Latest date (=FEEL or 2026-01-31)', ({ type }) => type === 'datetime'],
  ['unknown', 'The option “unknown” is kept as', ({ type }) => type === 'radio' || type === 'select', [['null', 'not known (null)']]],
  ['answer', 'Answer', ({ type }) => type === 'textarea', [['list', 'a list, one entry a line']]],
  ['others', 'Further entries may be added', ({ type }) => type === 'taglist', [['yes', 'yes']]],
];

// One property of ours. It holds no state of its own, so that it does not matter whose copy of the library draws it.
function Own({ id, field, editField, name, label, options, add }) {
  const said = String(field.properties?.[name] ?? '');
  const keep = (value) => {
    const properties = { ...(field.properties || {}) };
    if (value) properties[name] = value;
    else delete properties[name];
    editField(field, 'properties', Object.keys(properties).length ? properties : undefined);
  };
  const input = `bio-properties-panel-${id}`;
  const choice = (values, value, change) => jsx('select', {
    id: change === keep ? input : `${input}-add`, class: 'bio-properties-panel-input', value, onChange: (event) => change(event.target.value),
    children: [['', '(none)'], ...values].map(([one, words]) => jsx('option', { value: one, selected: one === value, children: words }, one)),
  });
  const text = () => jsx('input', {
    id: input, type: 'text', class: 'bio-properties-panel-input', value: said, autocomplete: 'off', spellcheck: false,
    onChange: (event) => keep(event.target.value.trim()),
  });
  return jsx('div', {
    class: 'bio-properties-panel-entry', 'data-entry-id': id,
    children: [
      jsx('label', { for: input, class: 'bio-properties-panel-label', children: label }),
      options ? choice(options, said, keep) : text(),
      add ? jsx('label', { for: `${input}-add`, class: 'bio-properties-panel-label', children: 'Add a clause' }) : null,
      add ? choice(add.filter(([one]) => !said.split(/\s+/).includes(one)), '', (one) => one && keep(`${said} ${one}`.trim())) : null,
    ],
  });
}

class OurGroups {
  constructor(propertiesPanel, offers) {
    this.offers = offers;
    propertiesPanel.registerProvider(this, 200); // after the library's own
  }

  getGroups(field, editField) {
    return (groups) => {
      if (!field) return groups;
      const kept = groups.filter(({ id }) => !NOT_READ_GROUPS.has(id));
      for (const group of kept) {
        if (group.entries) group.entries = group.entries.filter(({ id }) => !NOT_READ_ENTRIES.has(id));
      }
      if (['text', 'group', 'separator', 'spacer', 'default'].includes(field.type)) return kept;
      const entries = OWN.filter(([, , fits]) => fits(field)).map(([name, label, , options]) => ({
        id: `casework-${name}`, component: Own, name, label, field, editField,
        options: options === 'labels' ? this.offers.now.labels.map((one) => [one, one]) : Array.isArray(options) ? options : undefined,
        add: options === 'clauses' ? this.offers.now.clauses.map(({ id, title }) => [id, `${id}: ${title}`]) : undefined,
        isEdited: () => Boolean(field.properties?.[name]),
      }));
      kept.splice(1, 0, { id: 'casework', label: 'Casework', entries });
      return kept;
    };
  }
}
OurGroups.$inject = ['propertiesPanel', 'offers'];

// What cannot be asked is not offered; a foreign form that has it is still shown, and the checks say what to use.
class OnlyWhatIsAsked {
  constructor(formFields) {
    const all = { ...formFields._formFields };
    for (const type of Object.keys(all)) if (!ASKED.has(type) && type !== 'default') delete formFields._formFields[type];
    formFields.get = (type) => all[type];
  }
}
OnlyWhatIsAsked.$inject = ['formFields'];

async function begin(room) {
  const offers = { now: null };
  const editor = new FormEditor({
    container: room.querySelector('[data-canvas]'),
    additionalModules: [{
      offers: ['value', offers],
      __init__: ['onlyWhatIsAsked', 'ourGroups'],
      onlyWhatIsAsked: ['type', OnlyWhatIsAsked],
      ourGroups: ['type', OurGroups],
    }],
  });
  const shown = room.querySelector('[data-shown]');
  let drawn = 0;
  const text = async () => JSON.stringify(editor.saveSchema(), null, 2);
  const preview = async () => {
    const turn = ++drawn;
    const { ok, said } = await ask(room.dataset.preview, { path: room.dataset.path, body: await text() }, room.dataset.token);
    if (turn !== drawn) return;
    if (ok && said.html !== null) shown.innerHTML = said.html; // written and escaped by the service's own templates
    else {
      shown.replaceChildren();
      const words = document.createElement('p');
      words.className = 'govuk-body';
      words.textContent = `It cannot be shown yet. ${(said.findings || []).map((one) => `${one.message} ${one.mend}`).join(' ') || said.detail || ''}`;
      shown.append(words);
    }
    shown.querySelectorAll('[id], [for]').forEach((one) => {
      // The preview's questions must not answer to ids of the page around it.
      if (one.id) one.id = `shown-${one.id}`;
      if (one.htmlFor) one.htmlFor = `shown-${one.htmlFor}`;
      if (one.name) one.name = `shown-${one.name}`;
      for (const name of ['aria-describedby', 'aria-controls']) {
        const to = one.getAttribute(name);
        if (to) one.setAttribute(name, to.split(' ').map((each) => `shown-${each}`).join(' '));
      }
    });
    shown.dataset.drawn = String(turn);
  };
  let timer;
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(() => preview().catch(() => {}), 500);
  };

  const keeping = new Keeping(room, {
    text,
    show: async (body, said) => {
      if (said.offers) offers.now = said.offers;
      await editor.importSchema(JSON.parse(body));
      later();
    },
    told: (said) => listFindings(document.querySelector('[data-findings]'), [...(said.refused || []), ...(said.findings || [])], {
      path: room.dataset.path, none: 'The checks find nothing against this form.',
    }),
  });
  editor.on('changed', () => {
    keeping.changed();
    later();
  });
  await keeping.open();
  room.editor = editor;
}

const room = document.querySelector('[data-editor="form-editor"]');
if (room) begin(room).catch(failed);
