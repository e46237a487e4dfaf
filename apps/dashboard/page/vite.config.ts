import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const OUT = fileURLToPath(new URL('../dist/page/', import.meta.url));
const COMPRESSIBLE = /\.(?:js|css|svg)$/;

/** Puts a `.gz` beside each text file, so that the server sends it compressed and compresses nothing while it runs. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    async closeBundle() {
      const files = await readdir(OUT, { recursive: true });
      const texts = files.filter((file) => COMPRESSIBLE.test(file)).map((file) => join(OUT, file));
      await Promise.all(
        texts.map(async (file) => writeFile(`${file}.gz`, await promisify(gzip)(await readFile(file), { level: 9 }))),
      );
    },
  };
}

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  // Where the page is served is told by <base href> alone (docs/dashboard.md, "Where it is served").
  base: './',
  plugins: [react(), compressed()],
  build: {
    outDir: OUT,
    emptyOutDir: true,
    // The first ones that know light-dark(), by which each colour has its two values in one place.
    target: ['chrome123', 'firefox120', 'safari17.5'],
    // The security policy takes fonts and images from files only.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  server: {
    proxy: { '/api': 'http://127.0.0.1:8080', '/link': 'http://127.0.0.1:8080', '/admin': 'http://127.0.0.1:8080' },
  },
});
