// The properties panel as our pathways need it: our own facts, picking from what exists, and nothing that is not run.
import {
  SelectEntry, TextAreaEntry, TextFieldEntry, ListGroup, isSelectEntryEdited, isTextAreaEntryEdited,
  isTextFieldEntryEdited,
} from '@bpmn-io/properties-panel';
import { useService } from 'bpmn-js-properties-panel';
import { jsx } from '@bpmn-io/properties-panel/preact/jsx-runtime';
import { getBusinessObject, is } from 'bpmn-js/lib/util/ModelUtil';

const RULED = ['bpmn:Activity', 'bpmn:Gateway', 'bpmn:Event'];
const NONE = { value: '', label: '(none)' };

const extensions = (bo) => bo.get('extensionElements')?.get('values') || [];
const extension = (bo, type) => extensions(bo).find((one) => one.$type === type);
const picked = (list) => [NONE, ...list.map(({ id, title }) => ({ value: id, label: title && title !== id ? `${id}: ${title}` : id }))];

// Changes of extension elements go through the command stack, so that they can be undone.
function setExtension(injector, element, type, facts) {
  const bo = getBusinessObject(element), modeling = injector.get('modeling'), factory = injector.get('bpmnFactory');
  const old = extension(bo, type);
  if (old) {
    modeling.updateModdleProperties(element, old, facts);
    return;
  }
  let holder = bo.get('extensionElements');
  if (!holder) {
    holder = factory.create('bpmn:ExtensionElements', { values: [] });
    holder.$parent = bo;
    modeling.updateModdleProperties(element, bo, { extensionElements: holder });
  }
  const made = factory.create(type, facts);
  made.$parent = holder;
  modeling.updateModdleProperties(element, holder, { values: [...holder.get('values'), made] });
}

function removeExtension(injector, element, type) {
  const bo = getBusinessObject(element), holder = bo.get('extensionElements'), old = extension(bo, type);
  if (old) injector.get('modeling').updateModdleProperties(element, holder, { values: extensions(bo).filter((one) => one !== old) });
}

function property(element, name) {
  const own = extension(getBusinessObject(element), 'zeebe:Properties');
  return own?.get('properties').find((one) => one.name === name)?.value || '';
}

function setProperty(injector, element, name, value) {
  const bo = getBusinessObject(element), modeling = injector.get('modeling'), factory = injector.get('bpmnFactory');
  const own = extension(bo, 'zeebe:Properties');
  const held = own ? own.get('properties') : [];
  const there = held.find((one) => one.name === name);
  if (there && value) {
    modeling.updateModdleProperties(element, there, { value });
    return;
  }
  let properties = held.filter((one) => one !== there);
  if (value) properties = [...properties, factory.create('zeebe:Property', { name, value })];
  if (!properties.length && own) {
    const holder = bo.get('extensionElements');
    modeling.updateModdleProperties(element, holder, { values: extensions(bo).filter((one) => one !== own) });
    return;
  }
  setExtension(injector, element, 'zeebe:Properties', { properties });
  const parent = extension(bo, 'zeebe:Properties');
  properties.forEach((one) => { one.$parent = parent; });
}

// One entry: reads and writes a fact, as a choice where there is something to choose from.
function Entry({ element, id, entry }) {
  const debounce = useService('debounceInput'), injector = useService('injector');
  const offers = useService('offers');
  const options = entry.options && picked(entry.options(offers.now, element));
  const value = entry.get(element, injector);
  // What stands there and is not among what exists is shown as such, never silently replaced.
  if (options && value && !options.some((one) => one.value === value)) options.push({ value, label: `${value} (does not exist)` });
  const shared = {
    element, id, label: entry.label, description: entry.description, debounce,
    getValue: () => value, setValue: (given) => entry.set(element, given || '', injector),
  };
  if (options) return jsx(SelectEntry, { ...shared, getOptions: () => options });
  return jsx(entry.long ? TextAreaEntry : TextFieldEntry, shared);
}

const entry = (id, facts) => ({
  id, component: Entry, entry: facts,
  isEdited: facts.options ? isSelectEntryEdited : facts.long ? isTextAreaEntryEdited : isTextFieldEntryEdited,
});
const own = (name, label, more = {}) => entry(`casework-${name}`, {
  label, ...more,
  get: (element) => property(element, `casework:${name}`),
  set: (element, value, injector) => setProperty(injector, element, `casework:${name}`, value),
});
const fact = (type, name, label, options) => entry(`${type}-${name}`, {
  label, options,
  get: (element) => extension(getBusinessObject(element), type)?.get(name) || '',
  set: (element, value, injector) => {
    // An empty form would be a task without questions that looks as if it had some: the choice of none leaves nothing.
    if (!value && type === 'zeebe:FormDefinition') removeExtension(injector, element, type);
    else setExtension(injector, element, type, { [name]: value || undefined });
  },
});

const clausesOf = (element) => property(element, 'casework:clauses').split(/\s+/).filter(Boolean);
const apartFrom = (element) => property(element, 'casework:not_same_person_as').split(/[\s,]+/).filter(Boolean);
const recordsFacts = (element) => extension(getBusinessObject(element), 'zeebe:TaskDefinition')?.get('type') === 'record_facts';
const userTasks = (_, element) => {
  let root = element;
  while (root.parent) root = root.parent;
  const found = [];
  const walk = (one) => {
    if (is(one, 'bpmn:UserTask') && one.id !== element.id && !one.labelTarget) found.push({ id: one.id, title: getBusinessObject(one).name });
    (one.children || []).forEach(walk);
  };
  walk(root);
  return found;
};

function caseworkEntries(element) {
  const entries = [own('label', 'Whose rule it is', { options: ({ labels }) => labels.map((id) => ({ id })) })];
  entries.push(entry('casework-add-clause', {
    label: 'Add a clause', description: 'From the authority’s own list of clauses.',
    options: ({ clauses }) => clauses.filter(({ id }) => !clausesOf(element).includes(id)),
    get: () => '',
    set: (one, value, injector) => value && setProperty(injector, one, 'casework:clauses', [...clausesOf(one), value].join(' ')),
  }));
  const thrown = getBusinessObject(element).get('eventDefinitions') || [];
  if (thrown.some((one) => one.$type === 'bpmn:EscalationEventDefinition')) {
    entries.push(own('escalation', 'Role it is put before', { options: ({ roles }) => roles }));
  }
  if (is(element, 'bpmn:UserTask')) {
    entries.push(
      own('letter', 'Letter', { options: ({ letters }) => letters }),
      own('letter_step', 'What is done with the letter', { options: ({ letterSteps }) => letterSteps }),
      entry('casework-add-apart', {
        label: 'Not by the person who did', description: 'Adds a step of this diagram to those below.',
        options: (offers, one) => userTasks(offers, one).filter(({ id }) => !apartFrom(one).includes(id)),
        get: () => '',
        set: (one, value, injector) => value && setProperty(injector, one, 'casework:not_same_person_as', [...apartFrom(one), value].join(' ')),
      }),
      own('not_same_person_as', 'Kept from whoever did', { description: 'Steps with spaces between them; also of pathways that are called.' }),
      own('no_due_date', 'Why it has no due date'),
    );
  }
  if (recordsFacts(element) && !is(getBusinessObject(element).$parent, 'bpmn:SubProcess')) {
    entries.push(own('when_taken_back', 'Also when the pathway is taken back', { options: () => [{ id: 'yes', title: 'Carried out' }] }));
  }
  return entries;
}

function clauseGroup(element, injector) {
  const { clauses } = injector.get('offers').now;
  const items = clausesOf(element).map((id) => ({
    id: `clause-${id}`, label: id,
    entries: [entry(`clause-${id}-summary`, {
      label: 'What it asks for', long: true, get: () => clauses.find((one) => one.id === id)?.title || 'There is no such clause.', set: () => {},
    })],
    remove: (event) => {
      event.stopPropagation();
      setProperty(injector, element, 'casework:clauses', clausesOf(element).filter((one) => one !== id).join(' '));
    },
  }));
  return { id: 'casework-clauses', label: 'Clauses', component: ListGroup, items };
}

const helpEntry = entry('casework-help', {
  label: 'Help for whoever does it', long: true,
  get: (element) => getBusinessObject(element).get('documentation')?.[0]?.text || '',
  set: (element, value, injector) => {
    const bo = getBusinessObject(element), factory = injector.get('bpmnFactory');
    const documentation = value ? [factory.create('bpmn:Documentation', { text: value })] : [];
    documentation.forEach((one) => { one.$parent = bo; });
    injector.get('modeling').updateModdleProperties(element, bo, { documentation });
  },
});

// Groups of the libraries that set what is not run here, and single fields within the others.
const NOT_RUN_GROUPS = new Set([
  'Zeebe__ExecutionListeners', 'Zeebe__TaskListeners', 'Zeebe__ExtensionProperties', 'activeElements', 'adHocCompletion',
  'adHocSubProcessImplementation', 'businessRuleImplementation', 'scriptImplementation', 'userTaskImplementation',
  'event-condition', 'documentation', 'form', 'outputCollection', 'multiInstanceAdHoc',
]);
const NOT_RUN_ENTRIES = new Set([
  'assignmentDefinitionCandidateUsers', 'taskScheduleFollowUpDate', 'bindingType', 'versionTag', 'decisionId',
  'targetProcessId', 'taskDefinitionType', 'loopCardinality', 'isExecutable',
]);

class CaseworkGroups {
  constructor(propertiesPanel, injector) {
    this.injector = injector;
    propertiesPanel.registerProvider(200, this); // after the libraries' own, which stand at 500 and above
  }

  getGroups(element) {
    return (groups) => {
      const kept = groups.filter((group) => !NOT_RUN_GROUPS.has(group.id));
      for (const group of kept) {
        const process = group.id === 'general' && is(element, 'bpmn:Process');
        // A process that somebody else drew may not be executable yet: then it can be made so.
        const still = getBusinessObject(element).isExecutable === false || is(element, 'bpmn:Participant');
        const shown = (id) => (process && id === 'versionTag') || (still && id === 'isExecutable');
        if (group.entries) group.entries = group.entries.filter(({ id }) => !NOT_RUN_ENTRIES.has(id) || shown(id));
      }
      const into = (id, label, ...entries) => {
        const group = kept.find((one) => one.id === id);
        if (group) group.entries.unshift(...entries);
        else kept.splice(1, 0, { id, label, entries });
      };
      if (is(element, 'bpmn:UserTask')) into('questions', 'Form', fact('zeebe:FormDefinition', 'formId', 'Form', ({ forms }) => forms));
      if (is(element, 'bpmn:BusinessRuleTask')) into('calledDecision', 'Table', fact('zeebe:CalledDecision', 'decisionId', 'Table', ({ decisions }) => decisions));
      if (is(element, 'bpmn:CallActivity')) into('calledElement', 'Called pathway', fact('zeebe:CalledElement', 'processId', 'Pathway', ({ pathways }) => pathways));
      const jobs = kept.find((one) => one.id === 'taskDefinition');
      if (jobs) jobs.entries.unshift(fact('zeebe:TaskDefinition', 'type', 'Job', ({ jobs: there }) => there));
      if (is(element, 'bpmn:UserTask')) {
        into('assignmentDefinition', 'Assignment', entry('casework-role', {
          label: 'Role, where it is not the lane’s', options: ({ roles }) => roles,
          get: (one) => extension(getBusinessObject(one), 'zeebe:AssignmentDefinition')?.get('candidateGroups') || '',
          set: (one, value, injector) => setExtension(injector, one, 'zeebe:AssignmentDefinition', { candidateGroups: value || undefined }),
        }));
      }
      if (RULED.some((type) => is(element, type))) {
        kept.splice(1, 0, { id: 'casework', label: 'Casework', entries: [...caseworkEntries(element), helpEntry] }, clauseGroup(element, this.injector));
      } else if (is(element, 'bpmn:Lane')) {
        kept.splice(1, 0, { id: 'casework', label: 'Casework', entries: [laneRole] });
      } else if (is(element, 'bpmn:Process') || is(element, 'bpmn:Participant')) {
        kept.splice(1, 0, { id: 'casework', label: 'Casework', entries: [helpEntry] });
      }
      return kept.filter((group) => !group.entries || group.entries.length);
    };
  }
}
CaseworkGroups.$inject = ['propertiesPanel', 'injector'];

// A lane's id is its role; choosing a role names the lane after it.
const laneRole = entry('casework-lane-role', {
  label: 'Role', options: ({ roles }) => roles,
  get: (element) => getBusinessObject(element).id,
  set: (element, value, injector) => {
    if (!value || injector.get('elementRegistry').get(value)) return;
    const role = injector.get('offers').now.roles.find(({ id }) => id === value);
    injector.get('modeling').updateProperties(element, { id: value, name: role?.title || value });
  },
});

export default { __init__: ['caseworkGroups'], caseworkGroups: ['type', CaseworkGroups] };
