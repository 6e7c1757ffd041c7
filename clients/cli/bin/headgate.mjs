#!/usr/bin/env node
/**
 * The `headgate` command's door. Plain JavaScript that an old Node can parse, because its first job is to say so when
 * the Node it was started with is too old, or to go on with the one the repository brings.
 */
import module from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const NEEDED = 24
// As a module `node:fs` brings streams along, which at every start is time for nothing; an old Node has only that way.
const { existsSync, mkdirSync } = process.getBuiltinModule ? process.getBuiltinModule('node:fs') : await import('node:fs')
const here = path.dirname(fileURLToPath(import.meta.url))

if (Number(process.versions.node.split('.')[0]) < NEEDED) await goOnWithNewerNode()
else await start()

async function start() {
  const cache = privateCache()
  if (cache) module.enableCompileCache(cache)
  const { main } = await import(pathToFileURL(await entry()).href)
  // All is said and done then; what is left open (a kept connection, a child of a start that failed) must not hold us.
  process.exit(await main())
}

/**
 * The bundle, which is all there is of the published command. In the repository the sources run as they are while the bundle is not
 * there or one of them has changed since it was made.
 */
async function entry() {
  const bundle = path.join(here, '..', 'bundle')
  const source = path.join(here, '..', 'src', 'main.ts')
  const bundled = path.join(bundle, 'headgate.js')
  if (!existsSync(source)) return bundled
  const repository = path.join(here, '..', '..', '..')
  const { isFresh } = await import('./fresh-bundle.mjs')
  if (isFresh(repository, bundle)) return bundled
  module.registerHooks({
    resolve: (specifier, context, next) => next(specifier, { ...context, conditions: [...context.conditions, 'source'] }),
  })
  return source
}

/**
 * Where compiled code is kept between runs: a folder only this user can write. Node's own default is a folder all
 * users of the machine share, and what is in it would run.
 */
function privateCache() {
  const base = process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache')
  const folder = path.join(base, 'headgate', 'compiled')
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    return folder
  } catch {
    return undefined
  }
}

/** Looks for the Node an `npm ci` of the repository brings, and says what is missing where there is none. */
async function goOnWithNewerNode() {
  const node = newerNode()
  if (!node) {
    process.stderr.write(
      `NODE_UNSUPPORTED  Headgate needs Node ${NEEDED} or newer, and this is Node ${process.versions.node}\n` +
        `  try: install Node ${NEEDED}, or run \`npm ci\` in the repository, which brings one\n`,
    )
    process.exitCode = 1
    return
  }
  const { spawn } = await import('node:child_process')
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' })
  const pass = (signal) => child.kill(signal)
  // On a terminal the child is sent the keyboard's signals by the terminal itself; here they only must not end us first.
  for (const signal of ['SIGINT', 'SIGQUIT']) process.on(signal, process.stdin.isTTY ? () => {} : pass)
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, pass)
  child.on('exit', (code, signal) => {
    process.exitCode = signal ? 128 + os.constants.signals[signal] : code
    process.exit()
  })
}

function newerNode() {
  const name = `node-${process.platform}-${process.arch}`
  for (let folder = here; ; folder = path.dirname(folder)) {
    for (const place of [path.join(folder, 'node_modules', name, 'bin', 'node'), path.join(folder, 'node_modules', '.bin', 'node')]) {
      if (existsSync(place)) return place
    }
    if (folder === path.dirname(folder)) return undefined
  }
}
