// Makes dist/ (or the folder named): one file that holds the shop and everything it uses, so that a release needs
// nothing from outside.
import { rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'

const folder = import.meta.dirname
const dist = resolve(process.argv[2] ?? join(folder, 'dist'))
await rm(dist, { recursive: true, force: true })
await build({
  absWorkingDir: folder,
  entryPoints: ['server.mjs'],
  outfile: join(dist, 'server.mjs'),
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  // The SDK's own sources, where this folder stands inside Headgate's repository; its published files otherwise.
  conditions: ['source'],
  // `ws` is CommonJS and asks for Node's own modules by `require`.
  banner: { js: "import { createRequire } from 'node:module'\nconst require = createRequire(import.meta.url)" },
  legalComments: 'none',
  logLevel: 'warning',
})
await writeFile(join(dist, 'package.json'), `${JSON.stringify({ name: 'shop', private: true, type: 'module' })}\n`)
