import { type Diagnostic, type Result, hasErrors, refuse } from '@headgate/model'
import { parseDuration } from './duration.ts'
import { ENVIRONMENT } from './environment-routes.ts'
import { functionSummary } from './evaluation-shape.ts'
import { wireDiagnostic } from './wire-error.ts'
import { type WireAnswer, type WireRequest, type WireRoute, answerWith, json, nameOf, objectOf, present, textOf } from './wire-route.ts'

const YAML = '/esc/environments/:org/yaml'

/** Checking texts, opening environments, and reading what was opened. */
export const openRoutes: readonly WireRoute[] = [
  { method: 'POST', path: `${YAML}/check`, answer: checkText },
  { method: 'POST', path: `${ENVIRONMENT}/check`, answer: (request) => checkRevision(request, undefined) },
  {
    method: 'POST',
    path: `${ENVIRONMENT}/versions/:version/check`,
    answer: (request) => checkRevision(request, request.params['version']),
  },
  { method: 'POST', path: `${YAML}/open`, answer: openText },
  { method: 'GET', path: `${YAML}/open/:session`, answer: readText },
  { method: 'POST', path: `${ENVIRONMENT}/open`, answer: (request) => openRevision(request, {}) },
  {
    method: 'POST',
    path: `${ENVIRONMENT}/versions/:version/open`,
    answer: (request) => openRevision(request, { version: request.params['version'] }),
  },
  {
    method: 'POST',
    path: `${ENVIRONMENT}/drafts/:draft/open`,
    answer: (request) => openRevision(request, { draft: request.params['draft'] }),
  },
  { method: 'GET', path: `${ENVIRONMENT}/open/:session`, answer: readOpened },
  { method: 'POST', path: `${ENVIRONMENT}/open/request`, answer: requestAccess },
  { method: 'GET', path: `${ENVIRONMENT}/open/request/:draft`, answer: readRequest },
  { method: 'PUT', path: `${ENVIRONMENT}/open/request/:draft`, answer: changeRequest },
]

async function checkText(request: WireRequest): Promise<Result<WireAnswer>> {
  const known = await ofOrganisation(request)
  if (!known.ok) return known
  const text = textOf(request)
  return text.ok ? check(request, text.value) : text
}

async function checkRevision(request: WireRequest, version: string | undefined): Promise<Result<WireAnswer>> {
  const read = await request.ask('readEnvironment', { params: nameOf(request), query: present({ version }) })
  return read.ok ? check(request, read.value.text) : read
}

/** Mistakes are a 400 with whatever could be evaluated beside them. */
async function check(request: WireRequest, text: string): Promise<Result<WireAnswer>> {
  const showSecrets = request.query['showSecrets'] === 'true'
  return answerWith(await request.ask('checkText', { body: { text, showSecrets } }), ({ evaluation, diagnostics }) => {
    const shown = { ...(evaluation as object), environmentFunctionSummary: functionSummary(evaluation), ...found(diagnostics) }
    if (!hasErrors(diagnostics)) return json(shown)
    const count = diagnostics.filter(({ severity }) => severity === 'error').length
    return json({ ...shown, code: 400, message: `Bad Request: ${count} ${count === 1 ? 'error' : 'errors'} in the text` }, 400)
  })
}

/** Clean answers carry no `diagnostics` at all: clients take its presence for a problem. */
function found(diagnostics: readonly Diagnostic[]): { diagnostics?: ReturnType<typeof wireDiagnostic>[] } {
  return diagnostics.length > 0 ? { diagnostics: diagnostics.map(wireDiagnostic) } : {}
}

/** The caller must belong to the organisation in whose name a text is evaluated; of another nobody hears. */
async function ofOrganisation({ ask, params }: WireRequest): Promise<Result<void>> {
  const session = await ask('getSession')
  if (!session.ok) return session
  const organisation = params['org'] ?? ''
  if (session.value.organisations.includes(organisation)) return { ok: true, value: undefined }
  return refuse('ENV_NOT_FOUND', { environment: `in the organisation ${organisation}` })
}

/** How stacks open the environments they name. */
async function openText(request: WireRequest): Promise<Result<WireAnswer>> {
  const known = await ofOrganisation(request)
  if (!known.ok) return known
  const lifetime = parseDuration(request.query['duration'])
  if (!lifetime.ok) return lifetime
  const text = textOf(request)
  if (!text.ok) return text
  const overrides = readOverrides(request.query['environmentOverrides'])
  if (!overrides.ok) return overrides
  const body = present({ text: text.value, lifetime: lifetime.value, overrides: overrides.value })
  return answerWith(await request.ask('createTextSession', { body }), opened)
}

/** A map of imports to put others in place of, as JSON in base64. */
function readOverrides(text: string | undefined): Result<unknown> {
  if (text === undefined) return { ok: true, value: undefined }
  return objectOf({ body: Buffer.from(text, 'base64url') })
}

async function openRevision(
  request: WireRequest,
  which: { readonly version?: string | undefined; readonly draft?: string | undefined },
): Promise<Result<WireAnswer>> {
  const lifetime = parseDuration(request.query['duration'])
  if (!lifetime.ok) return lifetime
  const body = present({ ...which, lifetime: lifetime.value })
  return answerWith(await request.ask('createOpenSession', { params: nameOf(request), body }), opened)
}

function opened({ session, diagnostics }: { session: string; diagnostics: readonly Diagnostic[] }): Result<WireAnswer> {
  return json({ id: session, ...found(diagnostics) })
}

async function readOpened(request: WireRequest): Promise<Result<WireAnswer>> {
  const params = { ...nameOf(request), session: request.params['session'] }
  const query = present({ path: request.query['property'] })
  return answerWith(await request.ask('readOpenSession', { params, query }), ({ evaluation }) => json(evaluation))
}

async function readText(request: WireRequest): Promise<Result<WireAnswer>> {
  const known = await ofOrganisation(request)
  if (!known.ok) return known
  const query = present({ path: request.query['property'] })
  const read = await request.ask('readTextSession', { params: { session: request.params['session'] }, query })
  return answerWith(read, ({ evaluation }) => json(evaluation))
}

async function requestAccess(request: WireRequest): Promise<Result<WireAnswer>> {
  const body = objectOf(request)
  if (!body.ok) return body
  const { grantExpirationSeconds: standsFor, accessDurationSeconds: lastsFor } = body.value
  const { project: projectName, environment: environmentName } = nameOf(request)
  const asked = await request.ask('requestAccess', { params: nameOf(request), body: { standsFor, lastsFor } })
  return answerWith(asked, ({ draft, version }) =>
    json({
      changeRequests: [{ projectName, environmentName, changeRequestId: draft, latestRevisionNumber: version, etag: `"${version}"` }],
    }),
  )
}

async function readRequest(request: WireRequest): Promise<Result<WireAnswer>> {
  const { draft } = request.params
  const read = await request.ask('readDraft', { params: { ...nameOf(request), draft } })
  if (!read.ok) return read
  if (read.value.kind !== 'access') return refuse('DRAFT_NOT_FOUND', { draft: draft ?? '' })
  const { standsFor, lastsFor } = JSON.parse(read.value.text) as { standsFor: number; lastsFor: number }
  return json({ grantExpirationSeconds: standsFor, accessDurationSeconds: lastsFor })
}

async function changeRequest(request: WireRequest): Promise<Result<WireAnswer>> {
  const body = objectOf(request)
  if (!body.ok) return body
  const { grantExpirationSeconds: standsFor, accessDurationSeconds: lastsFor } = body.value
  const params = { ...nameOf(request), draft: request.params['draft'] }
  return answerWith(await request.ask('changeAccessRequest', { params, body: { standsFor, lastsFor } }), ({ draft, version }) =>
    json({ changeRequestId: draft, latestRevisionNumber: version }),
  )
}
