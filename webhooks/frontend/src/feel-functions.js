// The functions that are offered while an expression is written: those that the engine runs, as the page tells them.
// Stands in for @camunda/feel-builtins, which lists functions of another engine; its words on the common ones are kept.
import { camundaBuiltins as theirs, camundaReservedNameBuiltins as reserved } from '@camunda/feel-builtins';

const room = document.querySelector('[data-functions]');
const known = new Map(theirs.map((one) => [one.name, one]));
const words = (text) => {
  const paragraph = document.createElement('p');
  paragraph.textContent = text;
  return paragraph.outerHTML;
};

export const camundaReservedNameBuiltins = reserved;
export const camundaBuiltins = JSON.parse(room?.dataset.functions || '[]').map(({ name, params, info }) => (
  { type: 'function', name, params, info: info ? words(info) : known.get(name)?.info || words(name) }
));
