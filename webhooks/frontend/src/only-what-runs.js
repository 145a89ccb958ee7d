// What the engine would refuse is not offered: palette, replace menu and context pad, by the engine's own allow-list.
import * as REPLACE from 'bpmn-js/lib/features/replace/ReplaceOptions';
import { getBusinessObject, is } from 'bpmn-js/lib/util/ModelUtil';

const LAST = 100; // after every other provider
const small = (type) => type.replace(/^\w+:/, '').replace(/^[A-Z]/, (letter) => letter.toLowerCase());

const targets = new Map();
for (const options of Object.values(REPLACE)) {
  for (const option of Array.isArray(options) ? options : Object.values(options).flat()) {
    if (option?.target && option.actionName) {
      targets.set(option.actionName, [...(targets.get(option.actionName) || []), option.target]);
    }
  }
}

class OnlyWhatRuns {
  constructor(palette, popupMenu, contextPad, offers) {
    this.offers = offers;
    palette.registerProvider(LAST, { getPaletteEntries: () => (entries) => this.without(entries, () => true) });
    contextPad.registerProvider(LAST, { getContextPadEntries: (element) => (entries) => this.without(entries, () => true, element) });
    for (const menu of ['bpmn-replace', 'bpmn-append', 'bpmn-create']) {
      popupMenu.registerProvider(menu, LAST, {
        getPopupMenuEntries: (element) => (entries) => this.without(entries, (id) => this.mayBecome(id, element)),
        getPopupMenuHeaderEntries: () => (entries) => this.without(entries, (id) => !/^toggle-(loop|adhoc|ad-hoc)/.test(id)),
      });
    }
  }

  without(entries, keep) {
    return Object.fromEntries(Object.entries(entries).filter(([id]) => keep(id) && !this.unknown(id)));
  }

  // Entries that make something without a replace option: by their names.
  unknown(id) {
    return /(transaction|ad-?hoc|compensation|complex|conditional-(start|intermediate|boundary)|cancel|collapsed|parallel-event-based|data-store-collection)/.test(id);
  }

  mayBecome(id, element) {
    const found = targets.get(id.replace(/^non-interrupting-/, ''));
    if (!found) return true;
    return found.some((target) => this.runs(target, element));
  }

  runs(target, element) {
    const { elements, drawing, beginnings } = this.offers.now;
    const name = small(target.type);
    if (drawing.includes(name)) return true;
    const known = elements[name];
    if (!known) return false;
    if (target.eventDefinitionType) {
      const definition = small(target.eventDefinitionType);
      if (!known.children.includes(definition)) return false;
      const within = element && element.parent && getBusinessObject(element.parent);
      if (name === 'startEvent' && !(within && within.triggeredByEvent)) {
        if (within && is(within, 'bpmn:SubProcess')) return false;
        return beginnings.includes(definition);
      }
    }
    return true;
  }
}
OnlyWhatRuns.$inject = ['palette', 'popupMenu', 'contextPad', 'offers'];

export default { __init__: ['onlyWhatRuns'], onlyWhatRuns: ['type', OnlyWhatRuns] };
