/**
 * Makes the `headgate` command as it is published: what it needs of ours and of the small libraries in few files, so that
 * `headgate run` begins in a fraction of the time that reading a hundred modules takes. The plane itself is not in it
 * (`serve` loads it as packages), and in the repository nothing uses it: there the sources run as they are.
 *
 *   node --conditions=source tools/bundle-command.ts [FOLDER]      default: clients/cli/bundle
 */
import { rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Metafile, build } from 'esbuild'

const repository = dirname(import.meta.dirname)

/** CommonJS libraries in a bundle of modules ask for `require`. */
const requiring = `import { createRequire as headgateRequire } from 'node:module'; const require = headgateRequire(import.meta.url);`

/**
 * @param folder is emptied and written anew
 * @returns what went into which file, as esbuild says it
 */
export async function bundleCommand(folder: string): Promise<Metafile> {
  rmSync(folder, { recursive: true, force: true })
  const { metafile } = await build({
    absWorkingDir: repository,
    entryPoints: { main: join(repository, 'clients/cli/src/main.ts') },
    outdir: folder,
    bundle: true,
    // Each command's code is a file of its own, loaded when the command is called.
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    conditions: ['source'],
    external: ['@headgate/main'],
    banner: { js: requiring },
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
  })
  return metafile
}

if (import.meta.main) await bundleCommand(process.argv[2] ?? join(repository, 'clients', 'cli', 'bundle'))
