// Builds what the pages load into ../static/build: a style sheet and a script for every page, the viewer of diagrams, and
// the editors of diagrams, tables and forms, which only the pages of the studio load.
// Every file name carries a hash of its content; manifest.json says which name is current.
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = path.dirname(fileURLToPath(import.meta.url));
const target = path.join(here, '..', 'static', 'build');
const mojImages = path.join(here, 'node_modules/@ministryofjustice/frontend/moj/assets/images');

// The GDS Transport typeface, the crown and the crest belong to GOV.UK alone; a council's service uses Arial and its own
// name (guidance "Use GOV.UK domains and the GOV.UK Design System").
const councilLook = {
  name: 'council-look',
  setup(b) {
    b.onLoad({ filter: /(govuk|moj)-frontend\.min\.css$/ }, async ({ path: file }) => {
      const contents = (await readFile(file, 'utf8'))
        .replace(/@font-face\s*{[^}]*}/g, '')
        .replace(/"?GDS Transport"?\s*,/g, '')
        .replace(/[^{}]*{[^{}]*govuk-crest[^{}]*}/g, '')
        .replaceAll('url(/assets/images/', `url(${mojImages}/`)
        .replace(/\/\*# sourceMappingURL=.*?\*\//g, '');
      return { contents, loader: 'css', resolveDir: path.dirname(file) };
    });
  },
};

// The form editor and its viewer draw with one and the same copy of preact, the one that the editor asks for.
const oneCopy = {
  name: 'one-copy',
  setup(b) {
    const forms = path.join(here, 'node_modules/@bpmn-io/form-js-editor');
    b.onResolve({ filter: /^preact(\/|$)/ }, (asked) => {
      if (asked.pluginData === forms || !/form-js-|form-editor\.js$/.test(asked.importer)) return undefined;
      return b.resolve(asked.path, { kind: asked.kind, resolveDir: forms, pluginData: forms });
    });
  },
};

// Whether an expression is right is the engine's to say, and it knows functions that the editors' libraries do not: what
// marks a FEEL field asks the service, and what completes one offers what the service runs.
const oneJudge = {
  name: 'one-judge',
  setup(b) {
    const own = (name) => path.join(here, 'src', name);
    b.onResolve({ filter: /^@bpmn-io\/feel-lint$/ }, ({ importer }) => (
      { path: own(importer.includes('feelers-lint') ? 'feel-in-text.js' : 'feel-judge.js') }
    ));
    b.onResolve({ filter: /^@camunda\/feel-builtins$/ }, ({ importer }) => (
      importer === own('feel-functions.js') ? undefined : { path: own('feel-functions.js') }
    ));
    // The panel says one sentence for every mistake; the field says which it is.
    b.onLoad({ filter: /@bpmn-io\/properties-panel\/dist\/index\.esm\.js$/ }, async ({ path: file }) => {
      const whole = await readFile(file, 'utf8'), sentence = "translate('Unparsable FEEL expression.')";
      if (whole.split(sentence).length !== 2) throw new Error(`${file} does not say once ${sentence}: mend oneJudge in build.mjs.`);
      const contents = whole.replace(sentence, "lint.find(report => report.type === 'Syntax Error').message");
      return { contents, loader: 'js', resolveDir: path.dirname(file) };
    });
  },
};

await rm(target, { recursive: true, force: true });
const result = await build({
  absWorkingDir: here,
  entryPoints: {
    page: 'src/page.js',
    style: 'src/style.css',
    diagram: 'src/diagram.js',
    'diagram-style': 'src/diagram.css',
    'diagram-editor': 'src/diagram-editor.js',
    'diagram-editor-style': 'src/diagram-editor.css',
    'table-editor': 'src/table-editor.js',
    'table-editor-style': 'src/table-editor.css',
    'form-editor': 'src/form-editor.js',
    'form-editor-style': 'src/form-editor.css',
    icon: 'src/icon.svg',
  },
  entryNames: '[name]-[hash]',
  assetNames: '[name]-[hash]',
  outdir: target,
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2020',
  legalComments: 'linked',
  loader: { '.svg': 'copy', '.png': 'file', '.woff': 'file', '.woff2': 'file', '.ttf': 'file', '.eot': 'file' },
  plugins: [councilLook, oneCopy, oneJudge],
  metafile: true,
  logLevel: 'warning',
  logOverride: { 'css-syntax-error': 'silent' }, // one old browser's media query in govuk-frontend
});

const manifest = {};
for (const [file, output] of Object.entries(result.metafile.outputs)) {
  if (!output.entryPoint) continue;
  const built = path.basename(file);
  manifest[built.replace(/-[A-Z0-9]{8}(?=\.\w+$)/, '')] = built;
}

const style = await readFile(path.join(target, manifest['style.css']), 'utf8');
for (const foreign of ['GDS', 'govuk-crest', '@font-face']) {
  if (style.includes(foreign)) throw new Error(`${foreign} is still in style.css: mend councilLook in build.mjs.`);
}
await writeFile(path.join(target, 'manifest.json'), `${JSON.stringify(manifest, Object.keys(manifest).sort(), 2)}\n`);
