// Our scripts and styles -> webapp/static/dist: hashed names, manifest.json, LICENSES.txt.
import { build } from 'esbuild';
import * as sass from 'sass';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const here = path.dirname(fileURLToPath(import.meta.url));
const target = path.join(here, '../webapp/static/dist');
// Built aside and moved at the end: a failed build leaves the old one serving.
const fresh = `${target}.new`;

/** Lets esbuild read Sass; Bootstrap's own deprecation warnings are not ours to fix. */
const sassPlugin = {
  name: 'sass',
  setup(plugin) {
    plugin.onLoad({ filter: /\.scss$/ }, ({ path: file }) => {
      const { css, loadedUrls } = sass.compile(file, {
        loadPaths: [path.join(here, 'node_modules')],
        quietDeps: true,
        silenceDeprecations: ['import'],
      });
      return { contents: css, loader: 'css', watchFiles: loadedUrls.map((url) => fileURLToPath(url)) };
    });
  },
};

/** Every file of assets/entries is one bundle. */
function bundle() {
  const folder = path.join(here, 'entries');
  return build({
    absWorkingDir: here,
    entryPoints: readdirSync(folder).map((name) => path.join(folder, name)),
    plugins: [sassPlugin],
    bundle: true,
    minify: true,
    splitting: true,
    format: 'esm',
    target: 'es2020',
    outdir: fresh,
    entryNames: '[name]-[hash]',
    chunkNames: 'chunk-[hash]',
    assetNames: 'asset-[name]-[hash]',
    metafile: true,
    legalComments: 'none',
    logLevel: 'warning',
    define: { 'process.env.NODE_ENV': '"production"' },
    loader: { '.woff': 'file', '.woff2': 'file', '.ttf': 'file', '.eot': 'empty', '.svg': 'file', '.png': 'file' },
  });
}

/** `app.js` -> `app-3F2A.js`, with the styles that a script brings as `app.css`. */
function manifestOf(outputs) {
  const manifest = {};
  for (const [file, { entryPoint, cssBundle }] of Object.entries(outputs)) {
    // What a script loads later is an entry point to esbuild, but no page names it.
    if (!entryPoint?.startsWith('entries/')) continue;
    const name = path.basename(entryPoint).replace(/\.[^.]+$/, '');
    manifest[`${name}${path.extname(file)}`] = path.basename(file);
    if (cssBundle) manifest[`${name}.css`] = path.basename(cssBundle);
  }
  return Object.fromEntries(Object.entries(manifest).sort());
}

/** Names of the npm packages whose code went into a bundle. */
function packagesIn(inputs) {
  const names = new Set(['bootstrap']);  // by Sass, which esbuild does not see
  for (const file of Object.keys(inputs)) {
    const found = [...file.matchAll(/node_modules\/((?:@[^/]+\/)?[^/]+)/g)].pop();
    if (found) names.add(found[1]);
  }
  return [...names].sort();
}

/** One page of licences, as these licences ask of who passes the code on. */
function licences(names) {
  return names.map((name) => {
    const folder = path.join(here, 'node_modules', name);
    const about = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)(\.\w+)?$/i.test(entry));
    const text = file ? readFileSync(path.join(folder, file), 'utf8').trim() : '';
    return `${about.name} ${about.version} (${about.license ?? 'see text'})\n\n${text}\n`;
  }).join(`\n${'-'.repeat(78)}\n\n`);
}

function report(manifest) {
  for (const [name, file] of Object.entries(manifest)) {
    const bytes = readFileSync(path.join(fresh, file));
    const kilobytes = (size) => `${(size / 1024).toFixed(0)} KB`.padStart(9);
    console.log(`${name.padEnd(14)}${kilobytes(bytes.length)}${kilobytes(gzipSync(bytes).length)} gzipped`);
  }
}

rmSync(fresh, { recursive: true, force: true });
mkdirSync(fresh, { recursive: true });
const { metafile } = await bundle();
const manifest = manifestOf(metafile.outputs);
writeFileSync(path.join(fresh, 'LICENSES.txt'), licences(packagesIn(metafile.inputs)));
writeFileSync(path.join(fresh, 'manifest.json'), JSON.stringify(manifest, null, 1));
report(manifest);
if (existsSync(target)) rmSync(target, { recursive: true });
renameSync(fresh, target);
