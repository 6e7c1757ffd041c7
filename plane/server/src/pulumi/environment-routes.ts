import { type Result, refuse } from '@headgate/model'
import { wireDiagnostic } from './wire-error.ts'
import { person } from './environment-shape.ts'
import { made, reservedName } from './organisation-routes.ts'
import { expectedRevision, textAnswer } from './revision-text.ts'
import {
  type WireAnswer,
  type WireRequest,
  type WireRoute,
  answerWith,
  json,
  nameOf,
  nothing,
  objectOf,
  present,
  textOf,
} from './wire-route.ts'

export const ENVIRONMENT = '/esc/environments/:org/:project/:env'
/** How often a save without a tag is tried again when somebody else saves in between. */
const ATTEMPTS = 5

/** One environment: its text, its copies, its settings. */
export const environmentRoutes: readonly WireRoute[] = [
  { method: 'GET', path: ENVIRONMENT, answer: (request) => readText(request, undefined) },
  { method: 'GET', path: `${ENVIRONMENT}/versions/:version`, answer: (request) => readText(request, request.params['version']) },
  { method: 'GET', path: `${ENVIRONMENT}/decrypt`, answer: (request) => readPlaintext(request, undefined) },
  {
    method: 'GET',
    path: `${ENVIRONMENT}/versions/:version/decrypt`,
    answer: (request) => readPlaintext(request, request.params['version']),
  },
  { method: 'PATCH', path: ENVIRONMENT, answer: save },
  {
    method: 'DELETE',
    path: ENVIRONMENT,
    answer: async (request) =>
      answerWith(await request.ask('deleteEnvironment', { params: nameOf(request), query: { force: 'true' } }), () => made(request)),
  },
  { method: 'POST', path: `${ENVIRONMENT}/clone`, answer: clone },
  {
    method: 'GET',
    path: `${ENVIRONMENT}/settings`,
    answer: async (request) => answerWith(await request.ask('readSettings', { params: nameOf(request) }), json),
  },
  { method: 'PATCH', path: `${ENVIRONMENT}/settings`, answer: changeSettings },
  { method: 'GET', path: `${ENVIRONMENT}/metadata`, answer: metadata },
  { method: 'POST', path: `${ENVIRONMENT}/ownership`, answer: handOver },
  { method: 'POST', path: `${ENVIRONMENT}/encrypt-secrets`, answer: (request) => encrypt(request) },
  { method: 'POST', path: `${ENVIRONMENT}/decrypt-secrets`, answer: (request) => decrypt(request) },
  { method: 'GET', path: `${ENVIRONMENT}/referrers`, answer: (request) => referrers(request, undefined) },
  { method: 'GET', path: `${ENVIRONMENT}/versions/:version/referrers`, answer: (request) => referrers(request, request.params['version']) },
]

async function readText(request: WireRequest, version: string | undefined): Promise<Result<WireAnswer>> {
  const read = await request.ask('readEnvironment', { params: nameOf(request), query: present({ version }) })
  return answerWith(read, (found) => textAnswer(found.text, found))
}

async function readPlaintext(request: WireRequest, version: string | undefined): Promise<Result<WireAnswer>> {
  const params = nameOf(request)
  const unsealed = await request.ask('unsealEnvironment', { params, query: present({ version }) })
  if (!unsealed.ok) return unsealed
  const { text, revision } = unsealed.value
  const read = await request.ask('readEnvironment', { params, query: { version: String(revision) } })
  return answerWith(read, (found) => textAnswer(text, found))
}

/** With a tag the save is of the revision it names; without one it is of whichever is the newest when it arrives. */
async function save(request: WireRequest): Promise<Result<WireAnswer>> {
  const params = nameOf(request)
  for (let attempt = 1; ; attempt++) {
    const expected = await expectedRevision(request)
    if (!expected.ok) return expected
    const text = textOf(request)
    if (!text.ok) return text
    const saved = await request.ask('saveEnvironment', { params, body: { text: text.value, expected: expected.value } })
    // With a tag the next round ends in the conflict that the client is to hear of.
    if (!saved.ok && saved.problem.code === 'REVISION_CONFLICT' && attempt < ATTEMPTS) continue
    return answerWith(saved, ({ revision, diagnostics }) => {
      const found = diagnostics.length > 0 ? { diagnostics: diagnostics.map(wireDiagnostic) } : {}
      return { ok: true, value: { status: 200, json: found, headers: { 'pulumi-esc-revision': String(revision) } } }
    })
  }
}

async function clone(request: WireRequest): Promise<Result<WireAnswer>> {
  const body = objectOf(request)
  if (!body.ok) return body
  const {
    project,
    name: environment,
    version,
    preserveHistory: history,
    preserveEnvironmentTags: labels,
    preserveRevisionTags: tags,
  } = body.value
  const reserved = reservedName(typeof project === 'string' ? project : '', String(environment))
  if (reserved) return reserved
  const asked = present({
    project: project === '' ? undefined : project,
    environment,
    version: versionText(version),
    history,
    labels,
    tags,
  })
  return answerWith(await request.ask('cloneEnvironment', { params: nameOf(request), body: asked }), () => nothing)
}

function versionText(version: unknown): unknown {
  if (version === undefined || version === null || version === '' || version === 0) return undefined
  return typeof version === 'number' ? String(version) : version
}

async function changeSettings(request: WireRequest): Promise<Result<WireAnswer>> {
  const body = objectOf(request)
  if (!body.ok) return body
  const { deletionProtected } = body.value
  return answerWith(await request.ask('changeSettings', { params: nameOf(request), body: present({ deletionProtected }) }), json)
}

async function metadata(request: WireRequest): Promise<Result<WireAnswer>> {
  const { organisation, project, environment } = nameOf(request)
  const read = await request.ask('readEnvironment', { params: { organisation, project, environment } })
  if (!read.ok) return read
  return answerWith(await request.ask('listEnvironments', { query: { project, details: 'true' } }), ({ environments }) => {
    const found = environments.find((each) => each.environment === environment && each.organisation === organisation)
    return json({ id: found?.id ?? '', ownedBy: person(found?.details?.owner ?? ''), gatedActions: [], openRequestNeeded: false })
  })
}

async function handOver(request: WireRequest): Promise<Result<WireAnswer>> {
  const body = objectOf(request)
  if (!body.ok) return body
  const { githubLogin: owner } = body.value
  return answerWith(await request.ask('assignOwner', { params: nameOf(request), body: present({ owner }) }), (assigned) =>
    json(person(assigned.owner)),
  )
}

/** What is sealed travels as base64 both ways. */
async function encrypt(request: WireRequest): Promise<Result<WireAnswer>> {
  const body = objectOf(request)
  if (!body.ok) return body
  const plaintexts = decodeAll(body.value['plaintexts'])
  if (!plaintexts) return refuse('REQUEST_INVALID', { reason: 'body.plaintexts: not a list of base64 texts' })
  return answerWith(await request.ask('sealValues', { params: nameOf(request), body: { plaintexts } }), json)
}

async function decrypt(request: WireRequest): Promise<Result<WireAnswer>> {
  const body = objectOf(request)
  if (!body.ok) return body
  const { ciphertexts } = body.value
  return answerWith(await request.ask('openValues', { params: nameOf(request), body: { ciphertexts } }), ({ plaintexts }) =>
    json({ plaintexts: plaintexts.map((text) => Buffer.from(text).toString('base64')) }),
  )
}

function decodeAll(list: unknown): string[] | undefined {
  if (!Array.isArray(list) || list.some((entry) => typeof entry !== 'string')) return undefined
  return (list as string[]).map((entry) => Buffer.from(entry, 'base64').toString('utf8'))
}

const REFERRERS = 500

async function referrers(request: WireRequest, version: string | undefined): Promise<Result<WireAnswer>> {
  const { query } = request
  const count = query['count'] === undefined ? REFERRERS : Number(query['count'])
  if (!Number.isInteger(count) || count < 1 || count > REFERRERS)
    return refuse('REQUEST_INVALID', { reason: `query.count: not between 1 and ${REFERRERS}` })
  const all = query['allRevisions'] === 'true' ? 'true' : undefined
  return answerWith(await request.ask('listReferrers', { params: nameOf(request), query: present({ all }) }), (listed) => {
    const byVersion: Record<string, unknown[]> = {}
    const wanted = listed.referrers.filter((each) => version === undefined || each.version === version)
    for (const { version: named, project, environment, revision } of wanted.slice(0, count))
      (byVersion[named] ??= []).push({ environment: { project, name: environment, revision } })
    return json({ referrers: byVersion })
  })
}
