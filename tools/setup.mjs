/**
 * Setting up a clone: is everything there that the lock file names, bring it, and which Node can run it.
 *
 * Plain JavaScript for Node 18 and later; see bootstrap.mjs.
 */
import { spawn, spawnSync } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readdirSync, renameSync, rmSync, writeSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const OLDEST_NODE = 24

/**
 * Whether node_modules holds exactly what package-lock.json names.
 *
 * The two are compared by content and not by age: a checkout gives files any age. npm writes its own copy of the lock
 * file into node_modules when it has finished, so an installation that was interrupted counts as none. Packages for
 * other platforms are optional and may be missing.
 */
export function isInstalled(repository) {
  const wanted = readPackages(join(repository, 'package-lock.json'))
  const present = readPackages(join(repository, 'node_modules', '.package-lock.json'))
  if (wanted === undefined || present === undefined) return false
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true
    const found = present[path]
    if (found === undefined) return entry.optional === true
    return found.version === entry.version && found.resolved === entry.resolved && found.integrity === entry.integrity
  })
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages
  } catch {
    return undefined
  }
}

/**
 * Brings what the lock file names, with its progress on standard error.
 *
 * One process at a time: a second one waits, and does nothing when the first has succeeded. A lock whose owner has died
 * is taken over. Throws, in words, when npm fails.
 */
export async function install(repository) {
  const lock = await takeLock(join(repository, '.headgate'))
  try {
    if (isInstalled(repository)) return
    say('setting up: npm brings what package-lock.json names (about a minute, once)')
    await runNpm(repository)
  } finally {
    rmSync(lock, { force: true })
  }
}

async function runNpm(repository) {
  const started = Date.now()
  const seconds = () => Math.round((Date.now() - started) / 1000)
  const heartbeat = setInterval(() => say(`  ${seconds()} s, ${countPackages(repository)} packages in place`), 5000)
  try {
    await finished(startNpm(repository))
  } finally {
    clearInterval(heartbeat)
  }
  say(`set up in ${seconds()} s`)
}

/**
 * `npm ci`, or `npm install` where the lock file does not name every package for every other platform: some registries do not
 * have them all, and `npm ci` refuses a lock file that was made with one. Both take the versions of the lock file, and
 * `--no-save` keeps it as it is.
 *
 * No package of ours needs an install script, so none is run. Warnings are left out: on a Node older than 24 npm warns
 * once for every package, and this process is about to leave that Node.
 */
function startNpm(repository) {
  const verb = namesEveryPlatform(repository) ? ['ci'] : ['install', '--no-save']
  const words = [...verb, '--ignore-scripts', '--include=dev', '--include=optional', '--loglevel=error', '--no-audit', '--no-fund']
  const npm = process.env.npm_execpath
  const own = npm !== undefined && basename(npm) === 'npm-cli.js' && existsSync(npm)
  const options = { cwd: repository, stdio: ['ignore', process.stderr, process.stderr], shell: !own && process.platform === 'win32' }
  return own ? spawn(process.execPath, [npm, ...words], options) : spawn('npm', words, options)
}

/** Whether the lock file has an entry for each optional dependency it speaks of, nested or not. */
function namesEveryPlatform(repository) {
  const packages = readPackages(join(repository, 'package-lock.json')) ?? {}
  return Object.entries(packages).every(([path, entry]) => {
    const above = path.split('/node_modules/').map((_, depth, parts) => parts.slice(0, depth + 1).join('/node_modules/'))
    const folders = ['node_modules', ...above.map((folder) => `${folder}/node_modules`)]
    return Object.keys(entry.optionalDependencies ?? {}).every((name) => folders.some((folder) => `${folder}/${name}` in packages))
  })
}

function finished(npm) {
  return new Promise((resolve, reject) => {
    npm.on('error', (error) => reject(worded(`cannot start npm: ${error.message}`, 'install Node with npm (nodejs.org)')))
    npm.on('exit', (code, signal) => {
      if (code === 0) return resolve()
      reject(worded(`npm failed (${signal ?? `exit code ${code}`}); what it said stands above`, 'npm install'))
    })
  })
}

function countPackages(repository) {
  const folder = join(repository, 'node_modules')
  if (!existsSync(folder)) return 0
  return readdirSync(folder).reduce((count, name) => count + (name.startsWith('@') ? readdirSync(join(folder, name)).length : 1), 0)
}

/** Creates the lock file, waiting while a living process holds it. Returns its path. */
async function takeLock(folder) {
  mkdirSync(folder, { recursive: true })
  const lock = join(folder, 'setup.lock')
  for (let attempt = 0; !createLock(lock); attempt += 1) {
    const owner = readOwner(lock)
    if (owner !== undefined && !isAlive(owner)) breakLock(lock)
    else if (attempt === 0) say(`waiting for process ${owner ?? '(just starting)'}, which is setting up this clone`)
    await sleep(250)
  }
  return lock
}

function createLock(lock) {
  try {
    const file = openSync(lock, 'wx')
    writeSync(file, String(process.pid))
    closeSync(file)
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
}

function readOwner(lock) {
  try {
    return Number(readFileSync(lock, 'utf8')) || undefined
  } catch {
    return undefined
  }
}

/** Moves a dead owner's lock aside first: of two processes that found it dead, one rename succeeds. */
function breakLock(lock) {
  const aside = `${lock}.${process.pid}`
  try {
    renameSync(lock, aside)
    rmSync(aside, { force: true })
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/**
 * The path of a Node that runs the sources: this process's own if it is young enough, else the one npm brought into
 * node_modules, else undefined.
 */
export function chooseNode(repository, own = { path: process.execPath, version: process.versions.node }) {
  if (majorOf(own.version) >= OLDEST_NODE) return own.path
  const brought = join(repository, 'node_modules', '.bin', 'node')
  if (!existsSync(brought)) return undefined
  const answer = spawnSync(brought, ['--version'], { encoding: 'utf8' })
  return majorOf(String(answer.stdout).replace(/^v/, '')) >= OLDEST_NODE ? brought : undefined
}

function majorOf(version) {
  return Number.parseInt(version, 10) || 0
}

function worded(message, hint) {
  return Object.assign(new Error(message), { hint })
}

function say(line) {
  process.stderr.write(`${line}\n`)
}
