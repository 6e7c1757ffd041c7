import { type Result, refuse } from '@headgate/model'
import { orgEnvironment, pageOf, person } from './environment-shape.ts'
import {
  type WireAnswer,
  type WireRequest,
  type WireRoute,
  answerWith,
  json,
  nothing,
  numberOf,
  objectOf,
  present,
  timeText,
} from './wire-route.ts'

const environments = '/esc/environments'

const TEXT = { type: 'string' }
const fields = (properties: Readonly<Record<string, unknown>>) => ({ type: 'object', properties, required: Object.keys(properties) })
/** What stands under `${context.…}` in every text. */
const CONTEXT = fields({
  currentEnvironment: fields({ name: TEXT }),
  pulumi: fields({ organization: fields({ login: TEXT }), user: fields({ id: TEXT, login: TEXT }) }),
  rootEnvironment: fields({ name: TEXT }),
})

/** What is asked of an organisation: its environments, those that were deleted, its labels. */
export const organisationRoutes: readonly WireRoute[] = [
  { method: 'GET', path: environments, answer: (request) => listIn(request, request.query['organization']) },
  {
    method: 'GET',
    path: `${environments}/:org`,
    answer: (request) => inOrganisation(request, () => listIn(request, request.params['org'])),
  },
  { method: 'POST', path: `${environments}/:org`, answer: create },
  { method: 'GET', path: `${environments}/:org/restore`, answer: (request) => inOrganisation(request, () => listDeleted(request)) },
  { method: 'PUT', path: `${environments}/:org/restore`, answer: restore },
  { method: 'GET', path: `${environments}/:org/tags`, answer: (request) => inOrganisation(request, () => listLabels(request)) },
  {
    method: 'GET',
    path: '/esc/providers',
    answer: async ({ ask }) =>
      answerWith(await ask('describeProviders'), ({ providers }) => json({ providers: providers.map(({ name }) => name) })),
  },
  {
    method: 'GET',
    path: '/esc/rotators',
    answer: async ({ ask }) =>
      answerWith(await ask('describeProviders'), ({ rotators }) => json({ rotators: rotators.map(({ name }) => name) })),
  },
  { method: 'GET', path: '/esc/context/schema', answer: async () => json({ schema: CONTEXT }) },
  { method: 'GET', path: '/esc/providers/:name/schema', answer: (request) => schemaOf(request, 'providers') },
  { method: 'GET', path: '/esc/rotators/:name/schema', answer: (request) => schemaOf(request, 'rotators') },
]

/** Names that would stand where the protocol has a word of its own. */
const RESERVED = { project: ['yaml', 'restore', 'tags'], environment: ['open', 'yaml'] } as const

/** Why a new environment cannot be reached under a name by this protocol. */
export function reservedName(project: string, environment: string): Result<never> | undefined {
  for (const [kind, name] of [
    ['project', project],
    ['environment', environment],
  ] as const) {
    if (!(RESERVED[kind] as readonly string[]).includes(name)) continue
    return refuse('NAME_INVALID', {
      name,
      kind: kind === 'project' ? 'a project' : 'an environment',
      reason: 'the Pulumi protocol has it as a word of its own',
    })
  }
  return undefined
}

/** Of an organisation that is not the caller's nobody hears. */
export async function inOrganisation(request: WireRequest, answer: () => Promise<Result<WireAnswer>>): Promise<Result<WireAnswer>> {
  const session = await request.ask('getSession')
  if (!session.ok) return session
  const organisation = request.params['org'] ?? ''
  return session.value.organisations.includes(organisation)
    ? answer()
    : refuse('ENV_NOT_FOUND', { environment: `in the organisation ${organisation}` })
}

async function listIn({ ask, query }: WireRequest, organisation: string | undefined): Promise<Result<WireAnswer>> {
  const limit = numberOf(query, 'maxResults')
  if (!limit.ok) return limit
  return answerWith(await ask('listEnvironments', { query: { details: 'true' } }), (listed) => {
    const all = listed.environments.filter((each) => organisation === undefined || each.organisation === organisation)
    const keyOf = (each: (typeof all)[number]) => `${each.organisation}/${each.project}/${each.environment}`
    const sorted = all.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
    const { page, next } = pageOf(sorted, keyOf, query['continuationToken'], limit.value)
    return json({ environments: page.map(orgEnvironment), nextToken: next })
  })
}

/** The first revision is an empty text. Older SDKs take 200 alone, and the ones after them 204 alone. */
async function create(request: WireRequest): Promise<Result<WireAnswer>> {
  const body = objectOf(request)
  if (!body.ok) return body
  const { project = 'default', name: environment } = body.value
  const reserved = reservedName(String(project), String(environment))
  if (reserved) return reserved
  const params = { organisation: request.params['org'], project, environment }
  return answerWith(await request.ask('createEnvironment', { params, body: { text: '' } }), () => made(request))
}

/** How a client wants to hear that something was done. */
export function made({ headers }: Pick<WireRequest, 'headers'>): Result<WireAnswer> {
  const version = /^esc-sdk\/[^/]*\/v?([0-9]+)\.([0-9]+)/.exec(String(headers['user-agent'] ?? ''))
  const later = version !== null && (Number(version[1]) > 0 || Number(version[2]) >= 13)
  return later ? nothing : json({ code: 200, message: '' })
}

async function listDeleted({ ask }: WireRequest): Promise<Result<WireAnswer>> {
  return answerWith(await ask('listDeletedEnvironments'), (listed) =>
    json({
      environments: listed.environments.map((each) => ({
        ...orgEnvironment({ ...each, id: `${each.project}/${each.environment}@${each.deleted}`, changed: each.deleted }),
        ownedBy: person(''),
        deletedAt: timeText(each.deleted),
      })),
      nextToken: '',
    }),
  )
}

async function restore(request: WireRequest): Promise<Result<WireAnswer>> {
  const body = objectOf(request)
  if (!body.ok) return body
  const { project = 'default', name: environment, deletionTimestamp } = body.value
  const deleted = typeof deletionTimestamp === 'string' && deletionTimestamp !== '' ? Date.parse(deletionTimestamp) : undefined
  if (Number.isNaN(deleted)) return refuse('REQUEST_INVALID', { reason: 'body.deletionTimestamp: not a time' })
  const params = { organisation: request.params['org'], project, environment }
  return answerWith(await request.ask('restoreEnvironment', { params, body: present({ deleted }) }), () => nothing)
}

async function listLabels({ ask }: WireRequest): Promise<Result<WireAnswer>> {
  return answerWith(await ask('listEnvironments', { query: { details: 'true' } }), ({ environments: all }) => {
    const values = new Map<string, Set<string>>()
    for (const { details } of all)
      for (const [label, value] of Object.entries(details?.labels ?? {}))
        values.set(label, (values.get(label) ?? new Set<string>()).add(value))
    return json(Object.fromEntries([...values].map(([label, found]) => [label, [...found].toSorted()])))
  })
}

async function schemaOf({ ask, params }: WireRequest, kind: 'providers' | 'rotators'): Promise<Result<WireAnswer>> {
  const described = await ask('describeProviders')
  if (!described.ok) return described
  const found = described.value[kind].find(({ name }) => name === params['name'])
  if (!found) return refuse('ROUTE_UNKNOWN', { method: 'GET', path: `/api/esc/${kind}/${params['name'] ?? ''}/schema` })
  return json({ ...found, description: '' })
}
