import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const ENTRIES = [new URL('./main.tsx', import.meta.url), new URL('./styles.css', import.meta.url)];
const TYPES: Record<string, string> = { js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8' };

/** The page's files by URL path (`/`, `/page/main.js`, `/page/styles.css`), built in memory. */
export async function buildPage(): Promise<Map<string, { type: string; body: Uint8Array }>> {
  const { outputFiles } = await build({
    entryPoints: ENTRIES.map((url) => fileURLToPath(url)),
    entryNames: '[name]',
    outdir: HERE,
    absWorkingDir: HERE,
    bundle: true,
    write: false,
    format: 'esm',
    target: ['chrome125', 'firefox125', 'safari17.4'],
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    legalComments: 'none',
    logLevel: 'silent',
  });
  const files = new Map([
    ['/', { type: 'text/html; charset=utf-8', body: (await readFile(`${HERE}index.html`)) as Uint8Array }],
  ]);
  for (const { path, contents } of outputFiles) {
    const name = path.slice(HERE.length);
    files.set(`/page/${name}`, {
      type: TYPES[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream',
      body: contents,
    });
  }
  return files;
}
