import { Secret } from '@headgate/model'
import { readCredentials } from '@headgate/sdk/credentials'
import { type PlaneClient, createPlaneClient } from '@headgate/sdk/http'
import { credentialsFileOf, planeUrl } from '../plane/connection.ts'
import { VERSION } from '../version.ts'
import type { World } from '../world.ts'
import { type Finding, failed, leftOut, ok, warning } from './finding.ts'

const DAY = 24 * 3_600_000
/** A token that runs out within this time is worth a word, in milliseconds. */
const SOON = 7 * DAY
/** Clocks further apart than this make tokens and leases run out at the wrong time, in milliseconds. */
const SKEW_WARNING = 5_000
const SKEW_FAILED = 60_000
const ANSWER_WITHIN = 5_000

/** The plane, whether it can work, whether it takes the token, and what the two think of each other's clock and version. */
export async function lookAtPlane(world: World, said: string | undefined): Promise<Finding[]> {
  const file = credentialsFileOf(world)
  const credentials = await readCredentials(file)
  if (!credentials.ok) return [failed('credentials', credentials.problem.message, credentials.problem.hint ?? 'headgate login')]
  const url = planeUrl(world, said, credentials.value)
  const stored = ok('credentials', credentials.value.planes.size === 0 ? 'none are stored' : `${file}, readable by you alone`)
  const answer = await ask(url)
  if ('reason' in answer) {
    return [
      stored,
      failed('plane', `no plane answers at ${url} (${answer.reason})`, 'headgate serve, or name another with --url or HEADGATE_URL'),
    ]
  }
  const fromEnvironment = world.env['HEADGATE_TOKEN']
  const token = fromEnvironment ? new Secret(fromEnvironment) : credentials.value.planes.get(url)?.token
  const where = fromEnvironment ? 'HEADGATE_TOKEN' : file
  return [
    stored,
    ok('plane', `answers at ${url}`),
    await readiness(url),
    versions(answer.version),
    clocks(answer.time, answer.asked, answer.answered),
    ...(token ? await lookSignedIn(createPlaneClient({ url, token }), where, answer.time ?? Date.now(), url) : [noToken(url, file)]),
  ]
}

function noToken(url: string, file: string): Finding {
  return failed('token', `there is none: looked in HEADGATE_TOKEN and in ${file}`, `headgate login --url ${url}`)
}

type Answered = { readonly version: string; readonly time: number | undefined; readonly asked: number; readonly answered: number }

/** In words, what the system says by a code. */
const reasons: ReadonlyMap<string, string> = new Map([
  ['SyntaxError', 'what answers there is no plane'],
  ['TypeError', 'no request can be sent there'],
  ['TimeoutError', `no answer within ${ANSWER_WITHIN / 1000} s`],
  ['ECONNREFUSED', 'nobody listens there'],
  ['ENOTFOUND', 'there is no machine of this name'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'its certificate is its own; NODE_EXTRA_CA_CERTS names one to trust'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'who signed its certificate is not trusted; NODE_EXTRA_CA_CERTS names one to trust'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'who signed its certificate is not trusted; NODE_EXTRA_CA_CERTS names one to trust'],
])

async function ask(url: string): Promise<Answered | { readonly reason: string }> {
  const asked = Date.now()
  try {
    const response = await fetch(`${url}/health`, { redirect: 'manual', signal: AbortSignal.timeout(ANSWER_WITHIN) })
    if (response.status >= 300 && response.status < 400) return { reason: `it sends to ${response.headers.get('location') ?? 'elsewhere'}` }
    const { version } = (await response.json()) as { version?: unknown }
    if (typeof version !== 'string') return { reason: 'what answers there is no plane' }
    const time = Date.parse(response.headers.get('date') ?? '')
    return { version, time: Number.isNaN(time) ? undefined : time, asked, answered: Date.now() }
  } catch (cause) {
    const inner = cause instanceof Error ? ((cause.cause as NodeJS.ErrnoException | undefined)?.code ?? cause.name) : String(cause)
    return { reason: reasons.get(inner) ?? inner }
  }
}

async function readiness(url: string): Promise<Finding> {
  const ready = await createPlaneClient({ url }).call('getReadiness', {})
  return ready.ok
    ? ok('readiness', 'its database reads and its keys open')
    : failed('readiness', ready.problem.message, "look into the plane's log")
}

function versions(version: string): Finding {
  if (version === VERSION) return ok('versions', `plane and command are both ${VERSION}`)
  return warning('versions', `the plane is ${version} and this command ${VERSION}`, 'install the same version of both')
}

/** The header says whole seconds, so a second more or less means nothing. */
function clocks(time: number | undefined, asked: number, answered: number): Finding {
  if (time === undefined) return leftOut('clocks', 'the answer has no date, as behind some proxies')
  const skew = time + 1_000 < asked ? asked - time : time > answered ? time - answered : 0
  const says = `the plane's clock and this one are ${Math.round(skew / 1000)} s apart`
  const fix = 'set both by NTP: timedatectl set-ntp true'
  if (skew >= SKEW_FAILED) return failed('clocks', says, fix)
  return skew >= SKEW_WARNING ? warning('clocks', says, fix) : ok('clocks', 'agree')
}

async function lookSignedIn(client: PlaneClient, where: string, now: number, url: string): Promise<Finding[]> {
  return [await lookAtToken(client, where, now, url), ...(await lookAtRecording(client))]
}

/** Whether there is room to record; what is well needs no line of its own. Asked by whoever may observe, as a denial would be on record. */
async function lookAtRecording(client: PlaneClient): Promise<Finding[]> {
  const session = await client.call('getSession', {})
  if (!session.ok) return []
  const resource = `organisation:${session.value.organisation}`
  const may = await client.call('checkAccess', { query: { permission: 'observe', resource } })
  const health = may.ok && may.value.decision === 'allow' ? await client.call('getSecretsHealth', {}) : undefined
  if (!health?.ok || health.value.audit.recording === 'ok') return []
  return [failed('recording', 'its disk is full, so nothing is handed out or changed', 'make room there, or headgate audit prune')]
}

async function lookAtToken(client: PlaneClient, where: string, now: number, url: string): Promise<Finding> {
  const session = await client.call('getSession', {})
  if (!session.ok) return failed('token', `the one in ${where} is not taken: ${session.problem.message}`, `headgate login --url ${url}`)
  const { user, token } = session.value
  const says = `the one in ${where} is ${user}'s${token.name === user ? '' : ` (${token.name})`}`
  if (token.expires === undefined || token.expires - now > SOON) return ok('token', says)
  return warning(
    'token',
    `${says} and runs out at ${new Date(token.expires).toISOString()}`,
    'make a new one: headgate access token create',
  )
}
