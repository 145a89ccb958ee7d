// Lints every diagram of the folder with bpmnlint: node lint.mjs ../../processes. The engine's own checks come first and
// say more; this is what other people's tools would say.
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { BpmnModdle } = require('bpmn-moddle');
const Linter = require('bpmnlint/lib/linter.js');
const NodeResolver = require('bpmnlint/lib/resolver/node-resolver.js');

const config = {
  extends: 'bpmnlint:recommended',
  rules: {
    // A question that several ways lead to is one shape: at an exclusive gateway joining and asking mean the same
    // drawn once or twice, and the engine refuses what would not.
    'no-gateway-join-fork': 'off',
  },
};

const folder = path.resolve(process.argv[2] ?? '../../processes');
const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.bpmn')).sort();
const resolver = new NodeResolver();
let wrong = 0;
for (const file of files) {
  const { rootElement, warnings } = await new BpmnModdle().fromXML(await readFile(path.join(folder, file), 'utf8'));
  for (const warning of warnings) console.log(`${file}: ${warning.message}`);
  wrong += warnings.length;
  // A linter of its own for each file: its rules remember what they saw.
  const said = await new Linter({ config, resolver }).lint(rootElement);
  for (const [rule, reports] of Object.entries(said)) {
    for (const { id, message, category } of reports) {
      console.log(`${file}: ${id}: ${message} (${rule}, ${category})`);
      if (category === 'error' || category === 'rule-error') wrong += 1;
    }
  }
}
console.log(`${files.length} diagrams, ${wrong} errors`);
process.exit(files.length === 0 || wrong ? 1 : 0);
