import { join } from 'node:path'
import { build } from 'esbuild'

/**
 * Puts the workload's process and everything it imports into one file. It is started a thousand times, and most of what a
 * start took was reading six hundred modules.
 *
 * @returns the file, in the folder
 */
export async function bundleWorkload(folder: string): Promise<string> {
  const outfile = join(folder, 'workload.mjs')
  await build({
    entryPoints: [join(import.meta.dirname, 'workload-process.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    conditions: ['source'],
    // Loaded where they are asked for, and nobody asks for them here: a folder with a key file.
    external: ['@node-rs/argon2', 'pg-native'],
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'silent',
  })
  return outfile
}
