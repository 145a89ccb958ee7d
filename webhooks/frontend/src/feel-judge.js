// Marks what the engine cannot read in a FEEL field: the service judges, in the words of its own checks.
// Stands in for @bpmn-io/feel-lint, whose grammar does not know the engine's functions and calls right expressions wrong.
import { syntaxTree } from '@codemirror/language';
import { ask } from './keeping.js';

const ERROR = 'Syntax Error'; // the type by which the properties panel tells that a field holds an error
const units = (text, count) => [...text].slice(0, count).join('').length; // the service counts characters, editors UTF-16

export const cmFeelLinter = () => async ({ state }) => {
  const room = document.querySelector('[data-expression]');
  const text = state.doc.toString();
  if (!room || !text.trim()) return [];
  const tests = syntaxTree(state).type.name === 'UnaryTests';
  const { path, token, expression } = room.dataset;
  // Who is cut off is told so when the file is saved; nothing is called wrong that nobody has judged.
  const { ok, said } = await ask(expression, { path, text, tests }, token).catch(() => ({ ok: false }));
  if (!ok) return [];
  return said.remarks.map(({ start, end, message, mend, severity }) => ({
    from: units(text, start), to: units(text, end), message: `${message} ${mend}`.trim(),
    ...(severity === 'refusal' ? { severity: 'error', type: ERROR } : { severity: 'warning', type: 'Advice' }),
  }));
};
