import { resolve } from 'node:path'
import type { CommandContext } from '../command.ts'
import type { ExitCode } from '../exit-code.ts'
import type { Output } from '../output/output.ts'
import { keyChoice } from '../input/key-choice.ts'
import { end } from '../outcome.ts'
import { databaseAddress } from '../plane/database-address.ts'
import { withSettings } from '../serve/read-settings.ts'
import { DEFAULT_DATA, DEFAULT_PORT } from '../plane/defaults.ts'

const LOOPBACK = ['127.0.0.1', '::1', 'localhost']

/** Starts the plane, says where it is, and stays until it is asked to stop. */
export async function run(called: CommandContext): Promise<ExitCode | void> {
  const context = await withSettings(called)
  const { world, output, invocation } = context
  const host = invocation.option('host') ?? LOOPBACK[0] ?? ''
  const port = portOf(invocation.option('port'), '--port') ?? DEFAULT_PORT
  const routerPort = portOf(invocation.option('router-port'), '--router-port')
  const nodeAddress = invocation.option('node-address')
  const auditRetention = daysOf(invocation.option('audit-retention'))
  const data = resolve(world.cwd, invocation.option('data') ?? DEFAULT_DATA)
  const database = await databaseAddress(context, called)
  const key = await keyChoice(context, data, database !== undefined)
  const tls = tlsOf(context)
  if (!LOOPBACK.includes(host) && !tls) warnOfOpenDoor(output, host)
  const { serve } = await import('../local-plane.ts')
  const stopped = untilStopped(world)
  const serving = await serve({
    data,
    host,
    port,
    log: (invocation.option('log') as 'json' | 'text' | 'none' | undefined) ?? (world.stderr.isTTY ? 'text' : 'json'),
    ...tls,
    ...numberOf(context, 'connections'),
    ...traceEndpoint(context),
    outside: outsideOf(context),
    ...issuersOf(context),
    ...(nodeAddress === undefined ? {} : { nodeAddress }),
    ...(routerPort === undefined ? {} : { routerPort }),
    ...(auditRetention === undefined ? {} : { auditRetention }),
    key,
    ...(database ? { database } : {}),
    onReady: (ready) => sayReady(output, ready),
  }).catch((cause: unknown) => refusedAddress(cause, host, port))
  await stopped
  if (!output.json) output.note('stopping: what is under way is finished first')
  await serving.close()
}

/** Days as milliseconds; 0 keeps no more than there must be. */
function daysOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,6}$/.test(text)) end('USAGE', { reason: `--audit-retention takes a number of days, not ${text}`, command: 'serve' })
  return Number(text) * 24 * 60 * 60 * 1000
}

interface Ready {
  readonly url: string
  readonly router: string
  readonly data: string
  readonly database?: string
  readonly organisation: string
  readonly user: string
  readonly token?: { reveal(): string }
  readonly keyFile: string
  readonly keySource: string
}

function sayReady(output: Output, ready: Ready): void {
  const { url, router, data, database, organisation, user, keyFile, keySource } = ready
  const token = ready.token?.reveal()
  output.answer(
    {
      url,
      router,
      data,
      ...(database === undefined ? {} : { database }),
      organisation,
      user,
      keyFile,
      keySource,
      ...(token === undefined ? {} : { token }),
    },
    () => readyText(output, ready, token),
  )
}

function readyText(
  { paint }: Output,
  { url, router, data, database, organisation, user, keyFile, keySource }: Ready,
  token: string | undefined,
): string {
  const facts = [
    `${paint.green('●')} ${paint.bold('Headgate is ready')} at ${paint.cyan(url)}`,
    '',
    `  services at   ${router}`,
    `  data          ${data}`,
    ...(database === undefined ? [] : [`  database      ${database}`]),
    `  ${keySource === 'file' ? 'key file' : 'root key'}      ${keyFile}`,
    `  organisation  ${organisation}`,
  ]
  if (token === undefined) return `${facts.join('\n')}\n\nCtrl-C stops it.\n`
  const first = [
    '',
    paint.bold('This is the first start.'),
    '',
    `  1. ${firstDuty(keySource, paint)}: without it nothing in the data can be opened.`,
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

/** What somebody has to keep, by where the root key is. */
function firstDuty(keySource: string, { yellow }: Output['paint']): string {
  if (keySource === 'passphrase') return `${yellow('Keep the passphrase')} somewhere else than the data`
  if (keySource === 'environment') return `${yellow('Keep the key')} of HEADGATE_ROOT_KEY somewhere else than the data`
  if (keySource === 'kms') return `${yellow('Keep the key service')} and its back-ups`
  return `${yellow('Back up the key file')} somewhere else than the data`
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

function tlsOf({ invocation, world }: CommandContext): { tls: { certificate: string; key: string } } | undefined {
  const [certificate, key] = [invocation.option('tls-certificate'), invocation.option('tls-key')]
  if (certificate === undefined && key === undefined) return undefined
  if (certificate === undefined || key === undefined)
    end('USAGE', { reason: '--tls-certificate and --tls-key belong together', command: 'serve' })
  return { tls: { certificate: resolve(world.cwd, certificate), key: resolve(world.cwd, key) } }
}

function numberOf({ invocation }: CommandContext, name: 'connections'): { connections?: number } {
  const text = invocation.option(name)
  if (text === undefined) return {}
  if (!/^[1-9]\d{0,6}$/.test(text)) end('USAGE', { reason: `--${name} takes a whole number, not ${text}`, command: 'serve' })
  return { [name]: Number(text) }
}

/** OpenTelemetry's own variables count where none of ours is set. */
function traceEndpoint({ invocation, world: { env } }: CommandContext): { traceEndpoint?: string } {
  const base = env['OTEL_EXPORTER_OTLP_ENDPOINT']
  const standard = env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] || (base ? `${base.replace(/\/+$/, '')}/v1/traces` : undefined)
  const endpoint = webAddress('trace-endpoint', invocation.option('trace-endpoint') ?? standard)
  return endpoint === undefined ? {} : { traceEndpoint: endpoint }
}

/** What is found to be no address only when it is used would have been wrong all the time until then. */
function webAddress(name: string, text: string | undefined): string | undefined {
  if (text === undefined || /^https?:$/.test(URL.parse(text)?.protocol ?? '')) return text
  end('USAGE', { reason: `--${name} takes an address that begins with https:// or http://, not ${text}`, command: 'serve' })
}

/** Issuers as their tokens write them. Those of the internet speak TLS; on loopback, where no token travels, they need not. */
function issuersOf({ invocation }: CommandContext): { issuers?: readonly string[] } {
  const issuers = invocation.options('oidc-issuer')
  const wrong = issuers.find((issuer) => {
    const url = URL.parse(issuer)
    return !url || (url.protocol !== 'https:' && !(url.protocol === 'http:' && LOOPBACK.includes(url.hostname)))
  })
  if (wrong !== undefined) end('USAGE', { reason: `--oidc-issuer takes an https address, not ${wrong}`, command: 'serve' })
  return issuers.length === 0 ? {} : { issuers }
}

/** What environments may reach outside: nothing but what is listed. */
function outsideOf({ invocation }: CommandContext) {
  const [awsEndpoint, publicUrl] = ['aws-endpoint', 'public-url'].map((name) => webAddress(name, invocation.option(name)))
  return {
    addresses: invocation.options('provider-address'),
    folders: invocation.options('provider-folder'),
    variables: invocation.options('provider-variable'),
    webhookAddresses: invocation.options('webhook-address'),
    ...(awsEndpoint === undefined ? {} : { awsEndpoint }),
    ...(publicUrl === undefined ? {} : { publicUrl }),
  }
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
    `listening on ${host}: every machine that reaches it can try tokens, and without TLS the network reads along. ` +
      'Give --tls-certificate and --tls-key, or put a reverse proxy with TLS before it.',
  )
}

function refusedAddress(cause: unknown, host: string, port: number): never {
  const code = cause instanceof Error ? (cause as NodeJS.ErrnoException).code : undefined
  if (code === 'EADDRINUSE')
    end('USAGE', { reason: `port ${port} of ${host} is taken; name another with --port, or 0 for a free one`, command: 'serve' })
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    end('USAGE', { reason: `cannot listen on port ${port} of ${host} (${code})`, command: 'serve' })
  }
  throw cause
}
