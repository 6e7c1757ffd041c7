/**
 * Makes the `headgate` command as it is published and as `bin/headgate.mjs` runs it: the command, the plane and the router
 * in few files. Reading six hundred modules took a plane a second of processor time and fifty megabytes, and `headgate run`,
 * which stands before every start of somebody's program, most of its time.
 *
 *   node --conditions=source tools/bundle-command.ts [FOLDER]      default: clients/cli/bundle
 */
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { type BuildOptions, type Metafile, type OutputFile, build } from 'esbuild'
import { builtinModules } from './builtin-modules.ts'
import { INPUTS, isFresh, stampOf } from '../clients/cli/bin/fresh-bundle.mjs'
import { joinPieces } from './join-pieces.ts'
import { thirdPartyLicences } from './third-party-licences.ts'

const repository = dirname(import.meta.dirname)

/** How long the pieces of an earlier bundle stay: a plane that runs from them loads some only when they are needed. */
const KEEP_MS = 24 * 60 * 60 * 1000

/** What is started as a program or a thread of its own, by the name of its file. */
const alone = ['plane/router/src/router-main.ts', 'plane/vault/src/rotation/reseal-thread.ts']

/** Where the bundler believes it writes; nothing is written there. */
const OUT = 'bundle'

const common = {
  absWorkingDir: repository,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  conditions: ['source'],
  // The first is machine code, and a package of its own for every platform; the others are looked for and done without.
  external: ['@node-rs/argon2', 'pg-native', 'bufferutil', 'utf-8-validate'],
  plugins: [builtinModules],
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  logLevel: 'silent',
  metafile: true,
  write: false,
} satisfies BuildOptions

/**
 * Writes the bundle into a folder. Whoever runs from an earlier one meanwhile is not disturbed: pieces are named by their
 * content and stay for a day, and each file appears whole.
 *
 * @returns what went into which file, as esbuild says it
 * @throws where a source does not compile
 */
export async function bundleCommand(folder: string): Promise<Metafile> {
  const begun = Date.now()
  const [command, others] = await Promise.all([
    bundleEntry(join(repository, 'clients/cli/src/main.ts')),
    // The router has one file of its own: it loads nothing later, whatever becomes of the rest. A thread has one too.
    build({ ...common, outdir: OUT, entryPoints: alone.map((entry) => join(repository, entry)) }),
  ])
  const metafile = joined([command.metafile, others.metafile])
  const licences = thirdPartyLicences(repository, Object.keys(metafile.inputs))
  const files = [...command.files, ...textsOf(others), ['third-party-licences.txt', licences] as const]
  mkdirSync(folder, { recursive: true })
  // Entries last: they name the pieces.
  for (const [name, text] of files.toSorted(([a], [b]) => Number(isEntry(a)) - Number(isEntry(b)))) put(join(folder, name), text)
  const inputs = Object.keys(metafile.inputs).filter((input) => !input.includes('node_modules/') && !input.includes(':'))
  const own = [
    'package-lock.json',
    ...['bundle-command.ts', 'builtin-modules.ts', 'join-pieces.ts', 'third-party-licences.ts'].map((name) => `tools/${name}`),
  ]
  put(join(folder, INPUTS), JSON.stringify(Object.fromEntries([...inputs, ...own].map((input) => [input, stampSince(input, begun)]))))
  removeOld(folder, new Set([INPUTS, ...files.map(([name]) => name)]))
  return metafile
}

/** Each command's code is a file of its own, loaded when the command is called; so is the plane's. What all of them need is in one. */
async function bundleEntry(entry: string): Promise<{ readonly metafile: Metafile; readonly files: [string, string][] }> {
  const pieces = await build({ ...common, outdir: OUT, splitting: true, entryPoints: { headgate: entry } })
  return { metafile: pieces.metafile, files: await joinPieces(pieces.metafile, new Map(textsOf(pieces)), 'headgate.js') }
}

/** One that was written while the bundle was being made may have been read before that, so it never counts as the same. */
function stampSince(input: string, begun: number): [number, number] | null {
  const stamp = stampOf(join(repository, input))
  return stamp[0] < begun ? stamp : null
}

function textsOf({ outputFiles }: { readonly outputFiles: readonly OutputFile[] }): [string, string][] {
  return outputFiles.map(({ path, text }) => [basename(path), text])
}

function isEntry(name: string): boolean {
  return ['headgate.js', ...alone.map((entry) => basename(entry).replace(/ts$/, 'js'))].includes(name)
}

function put(path: string, contents: string): void {
  const aside = `${path}.${process.pid}`
  writeFileSync(aside, contents)
  renameSync(aside, path)
}

function joined(metafiles: readonly Metafile[]): Metafile {
  return {
    inputs: Object.assign({}, ...metafiles.map(({ inputs }) => inputs)) as Metafile['inputs'],
    outputs: Object.assign({}, ...metafiles.map(({ outputs }) => outputs)) as Metafile['outputs'],
  }
}

function removeOld(folder: string, kept: ReadonlySet<string>): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    if (!kept.has(name) && Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) > KEEP_MS) rmSync(path, { force: true })
  }
}

/** Where the command looks for its bundle. */
const place = join(repository, 'clients', 'cli', 'bundle')

/** Makes the bundle that the repository's own command runs, unless it is there and nothing has changed since. */
export async function bringBundle(): Promise<void> {
  if (!isFresh(repository, place)) await bundleCommand(place)
}

if (import.meta.main) {
  // What is to be published has no pieces of an earlier bundle in it.
  const folder = process.argv[2] ?? place
  rmSync(folder, { recursive: true, force: true })
  await bundleCommand(folder)
}
