import { resolve } from 'node:path'
import type { CommandContext } from '../command.ts'
import type { ExitCode } from '../exit-code.ts'
import type { Output } from '../output/output.ts'
import { end } from '../outcome.ts'
import { DEFAULT_DATA, DEFAULT_PORT } from '../plane/defaults.ts'

const LOOPBACK = ['127.0.0.1', '::1', 'localhost']

/** Starts the plane, says where it is, and stays until it is asked to stop. */
export async function run({ world, output, invocation }: CommandContext): Promise<ExitCode | void> {
  const host = invocation.option('host') ?? LOOPBACK[0] ?? ''
  const port = portOf(invocation.option('port'), '--port') ?? DEFAULT_PORT
  const routerPort = portOf(invocation.option('router-port'), '--router-port')
  const data = resolve(world.cwd, invocation.option('data') ?? DEFAULT_DATA)
  const keyFile = invocation.option('key-file')
  if (!LOOPBACK.includes(host)) warnOfOpenDoor(output, host)
  const { serve } = await import('../local-plane.ts')
  const stopped = untilStopped(world)
  const serving = await serve({
    data,
    host,
    port,
    log: (invocation.option('log') as 'json' | 'none' | undefined) ?? (world.stderr.isTTY ? 'none' : 'json'),
    ...(routerPort === undefined ? {} : { routerPort }),
    ...(keyFile === undefined ? {} : { keyFile: resolve(world.cwd, keyFile) }),
    onReady: (ready) => sayReady(output, ready),
  }).catch((cause: unknown) => refusedAddress(cause, host, port))
  await stopped
  if (!output.json) output.note('stopping: what is under way is finished first')
  await serving.close()
}

interface Ready {
  readonly url: string
  readonly router: string
  readonly data: string
  readonly organisation: string
  readonly user: string
  readonly token?: { reveal(): string }
  readonly keyFile: string
}

function sayReady(output: Output, ready: Ready): void {
  const { url, router, data, organisation, user, keyFile } = ready
  const token = ready.token?.reveal()
  output.answer({ url, router, data, organisation, user, keyFile, ...(token === undefined ? {} : { token }) }, () =>
    readyText(output, ready, token),
  )
}

function readyText({ paint }: Output, { url, router, data, organisation, user, keyFile }: Ready, token: string | undefined): string {
  const facts = [
    `${paint.green('●')} ${paint.bold('Headgate is ready')} at ${paint.cyan(url)}`,
    '',
    `  services at   ${router}`,
    `  data          ${data}`,
    `  key file      ${keyFile}`,
    `  organisation  ${organisation}`,
  ]
  if (token === undefined) return `${facts.join('\n')}\n\nCtrl-C stops it.\n`
  const first = [
    '',
    paint.bold('This is the first start.'),
    '',
    `  1. ${paint.yellow('Back up the key file')} somewhere else than the data: without it nothing in the data can be opened.`,
    `  2. Keep the token of ${user}; it is shown only now:`,
    '',
    `       ${paint.bold(token)}`,
    '',
    `  3. Sign in, in another terminal: headgate login --url ${url}`,
    '',
    'Ctrl-C stops it.',
  ]
  return `${[...facts, ...first].join('\n')}\n`
}

/** Resolves on the first signal that asks to stop. A second one ends the process at once, as it does everywhere. */
function untilStopped({ onSignal }: CommandContext['world']): Promise<void> {
  return new Promise((resolveStopped) => {
    const forget = onSignal(['SIGINT', 'SIGTERM', 'SIGHUP'], () => {
      forget()
      resolveStopped()
    })
  })
}

function portOf(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port > 65_535)
    end('USAGE', { reason: `${option} takes a number from 0 to 65535, not ${text}`, command: 'serve' })
  return port
}

function warnOfOpenDoor(output: Output, host: string): void {
  output.warn(
    `listening on ${host}: every machine that reaches it can try tokens, and without TLS in front the network reads along. ` +
      'Put a reverse proxy with TLS before it, or use --host 127.0.0.1.',
  )
}

function refusedAddress(cause: unknown, host: string, port: number): never {
  const code = cause instanceof Error ? (cause as NodeJS.ErrnoException).code : undefined
  if (code === 'EADDRINUSE')
    end('USAGE', { reason: `port ${port} of ${host} is taken; name another with --port, or 0 for a free one`, command: 'serve' })
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL') {
    end('USAGE', { reason: `cannot listen on port ${port} of ${host} (${code})`, command: 'serve' })
  }
  throw cause
}
