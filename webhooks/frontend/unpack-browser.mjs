// Unpacks the browser of @sparticuz/chromium, and the libraries that a bare machine lacks, into the folder that is named.
// Its own loader unpacks into the machine's temporary folder, where another user's copy may lie already.
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { createReadStream, createWriteStream } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { createBrotliDecompress } from 'node:zlib';
import { extract } from 'tar-fs';

const here = path.dirname(fileURLToPath(import.meta.url));
const packed = path.join(here, 'node_modules/@sparticuz/chromium/bin');
const target = path.resolve(process.argv[2]);
const making = `${target}.${process.pid}`;

const read = (name) => [createReadStream(path.join(packed, name)), createBrotliDecompress()];

await mkdir(making, { recursive: true });
await Promise.all([
  pipeline(...read('chromium.br'), createWriteStream(path.join(making, 'chromium'), { mode: 0o755 })),
  pipeline(...read('al2023.tar.br'), extract(path.join(making, 'libraries'))),
  pipeline(...read('fonts.tar.br'), extract(path.join(making, 'fonts'))),
]);
await writeFile(path.join(making, 'ready'), '');
await rm(target, { recursive: true, force: true });
await rename(making, target);
