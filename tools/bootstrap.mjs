/**
 * The door of every `npm run`: brings what the lock file names, finds a Node that can run the sources, and hands over.
 *
 * This file and `setup.mjs` beside it are the only ones a Node older than 24 ever reads, so they are plain JavaScript,
 * import only Node's own modules, and use nothing younger than Node 18. Everything behind the door is TypeScript and
 * runs on Node 24.
 *
 *   node tools/bootstrap.mjs <name> [arguments for it]
 */
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chooseNode, install, isInstalled } from './setup.mjs'

const repository = dirname(dirname(fileURLToPath(import.meta.url)))

/** What each script of package.json runs: a file below the repository, and the arguments that come before the user's. */
const programs = {
  start: ['tools/start.ts'],
  test: ['tools/test.ts'],
  prove: ['tools/test.ts', '--prove'],
  accept: ['tools/test.ts', '--accept'],
  ready: ['tools/ready.ts'],
  bench: ['tools/bench.ts'],
  fuzz: ['tools/fuzz.ts'],
  torture: ['tools/torture.ts'],
  differential: ['tools/differential.ts'],
  conformance: ['test/conformance/run.ts'],
  'conformance:env': ['test/conformance/env.ts'],
  'conformance:cli': ['test/conformance/cli.ts'],
}

async function main([name, ...rest]) {
  const program = programs[name]
  if (program === undefined) {
    return refuse(`there is no "${name ?? ''}" here`, `one of: ${Object.keys(programs).join(', ')}`)
  }
  if (!isInstalled(repository)) await install(repository)
  const node = chooseNode(repository)
  if (node === undefined) {
    return refuse(
      `Headgate needs Node 24 or newer. This is Node ${process.versions.node}, and npm has no Node 24 for ${process.platform}-${process.arch} to bring`,
      'install Node 24 (nodejs.org) and run the command again',
    )
  }
  const [file, ...first] = program
  handOver(node, ['--conditions=source', join(repository, file), ...first, ...rest])
}

/**
 * Runs the program in this process's place: its output, its exit code, its signals.
 *
 * Ctrl-C on a terminal reaches the whole process group, so the child has it already; elsewhere it is passed on. The
 * other signals are always passed on, and a child that died by one takes this process with it the same way.
 */
function handOver(node, words) {
  const child = spawn(node, words, { stdio: 'inherit' })
  const passOn = (signal) => child.kill(signal)
  process.on('SIGINT', () => process.stdin.isTTY || passOn('SIGINT'))
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGQUIT']) process.on(signal, () => passOn(signal))
  child.on('error', (error) => refuse(`cannot start ${node}: ${error.message}`))
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
    process.exitCode = 128 + constants.signals[signal]
  })
}

function refuse(message, hint) {
  process.stderr.write(`${message}\n${hint === undefined ? '' : `try: ${hint}\n`}`)
  process.exitCode = 1
}

main(process.argv.slice(2)).catch((error) => refuse(error.message, error.hint))
