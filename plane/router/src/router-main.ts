/**
 * The router's own process. It loads nothing of Headgate but the files beside it, so that it goes on serving, and can be
 * started, whatever state the rest is in.
 *
 *   node router-main.ts --state FOLDER [--port N] [--host H] [--forwarded set|append] [--grace MS] [--log FILE] [--json]
 *
 * When it is ready it prints one line to standard output; its log, JSON lines, goes to standard error or to a file. SIGTERM and SIGINT stop it with grace, a
 * second one at once. Ends with 0 when it was stopped, 1 when it could not start, 2 when the command line is wrong, 3 when another router has the folder.
 */
import { flushCompileCache } from 'node:module'
import { parseArgs } from 'node:util'
import { LogFile } from './log-file.ts'
import { RouterLog } from './log.ts'
import { RouterError } from './router-error.ts'
import { type RouterOptions, type RunningRouter, runRouter } from './router-process.ts'

interface Command extends RouterOptions {
  readonly json: boolean
  readonly logFile: string | undefined
}

const command = readCommand(process.argv.slice(2))
const log = command?.logFile === undefined ? new RouterLog() : new RouterLog(new LogFile(command.logFile).write)

// One request that runs into a bug must not take everybody else's down with it; the fault is logged and seen there.
process.on('uncaughtException', (error) => log.fault(error))
process.on('unhandledRejection', (error) => log.fault(error))
// A log that nobody reads any more must not end the process either.
process.stdout.on('error', () => {})

if (command) await serve(command)

async function serve(options: Command): Promise<void> {
  let router: RunningRouter
  try {
    router = await runRouter({ ...options, log })
  } catch (error) {
    const code = error instanceof RouterError ? error.code : 'internal'
    log.event('start-failed', { code, error: error instanceof Error ? error.message : String(error) })
    process.exit(code === 'already-running' ? 3 : 1)
  }
  const { host, port, pid, run, control } = router.record
  const { revision, tableSource } = router.status()
  const address = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => void router.stop(router.status().stopping ? 0 : undefined))
  }
  // Lines written to a terminal that went away.
  process.on('SIGHUP', () => {})
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ router: address, host, port, pid, run, control, revision, tableSource })}\n`
      : `router listens on ${address}\n`,
  )
  // Not only at the end, which may be a SIGKILL.
  flushCompileCache()
  await router.ended
  process.exit(0)
}

function readCommand(argv: readonly string[]): Command | undefined {
  const usage = 'usage: --state FOLDER [--port N] [--host H] [--forwarded set|append] [--grace MS] [--log FILE] [--json]'
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        state: { type: 'string' },
        port: { type: 'string', default: '0' },
        host: { type: 'string', default: '127.0.0.1' },
        forwarded: { type: 'string', default: 'set' },
        grace: { type: 'string', default: '30000' },
        log: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    })
    const { state, host, forwarded, json, log: logFile } = values
    const [port, graceMs] = [Number(values.port), Number(values.grace)]
    const numbers = Number.isInteger(port) && port >= 0 && port < 65_536 && Number.isInteger(graceMs) && graceMs >= 0
    if (!state || !numbers || (forwarded !== 'set' && forwarded !== 'append')) throw new Error(usage)
    return { state, host, port, forwarded, graceMs, json, logFile }
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : usage}\n`)
    process.exitCode = 2
    return undefined
  }
}
