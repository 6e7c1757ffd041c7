import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Route, type RouteName, routes } from '@headgate/contract'
import { type AuditEvent, HeadgateError } from '@headgate/model'
import { type Said, askRoute } from './ask-route.ts'
import { pathOf } from './fitting-request.ts'
import { type ServedPlane, main, need, servePlane } from './served-plane.ts'

const names = Object.keys(routes) as RouteName[]
const routeOf = (name: RouteName): Route => routes[name]
const recorded = names.filter((name) => typeof routeOf(name).audit === 'string')

/** On one plane fewer refusals than it would count together. */
const SOME = 40

function* some<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let n = 0; n < all.length; n += SOME) yield all.slice(n, n + SOME)
}

/** What stands in the log behind a record, opened. */
async function eventsAfter({ plane: { store, vault } }: ServedPlane, change: number): Promise<AuditEvent[]> {
  return (await store.audit.page({ after: change, limit: 1_000 })).map((row) => vault.openAudit(row))
}

async function newest({ plane: { store } }: ServedPlane): Promise<number> {
  return (await store.audit.page({ order: 'newest', limit: 1 }))[0]?.change ?? 0
}

/** An environment for one route alone, with a secret; in the state the route is for. */
async function groundFor(plane: ServedPlane, name: RouteName): Promise<string> {
  const environment = name.toLowerCase()
  if (routeOf(name).on !== 'environment' || name === 'createEnvironment') return environment
  const params = main('shop', environment)
  need(await plane.owner.call('createEnvironment', { params, body: { text: 'values: {a: {fn::secret: made-up}}' } }))
  if (name === 'restoreEnvironment') need(await plane.owner.call('deleteEnvironment', { params }))
  return environment
}

const pathIn = (name: RouteName, environment: string) => pathOf(name).replace('/shop/dev', `/shop/${environment}`)

/** The record of what was answered; of a refusal, that of this very request. */
function assertRecorded(name: RouteName, action: string, outcome: AuditEvent['outcome'], said: Said, events: readonly AuditEvent[]): void {
  const record = events.find((event) => event.action === action && event.outcome === outcome)
  assert.ok(record, `${name} answered ${said.status} ${said.code}, and left ${JSON.stringify(events.map((e) => [e.action, e.outcome]))}`)
  assert.equal(record.resource.startsWith(routeOf(name).on === 'environment' ? 'environment:main/shop/' : 'organisation:'), true, name)
  if (said.request === undefined) return
  assert.equal(record.details?.['request'], said.request, name)
  assert.equal(record.details?.['code'], said.code, name)
}

test('whoever calls a route whose contract names an event leaves that record, done or failed', async (t) => {
  const outcomes = { ok: 0, denied: 0, failed: 0 }
  for (const few of some(recorded)) {
    const plane = await servePlane(t)
    const token = plane.ownerToken.reveal()
    for (const name of few) {
      const environment = await groundFor(plane, name)
      const before = await newest(plane)
      const said = await askRoute(plane, name, { token, path: pathIn(name, environment) })
      assert.notEqual(said.code, 'REQUEST_INVALID', `${name}: ${said.text}`)
      assert.ok(said.status < 500, `${name} answered ${said.status} ${said.text}`)
      const outcome = said.status < 400 ? 'ok' : said.status === 403 || said.status === 401 ? 'denied' : 'failed'
      assertRecorded(name, String(routeOf(name).audit), outcome, said, await eventsAfter(plane, before))
      outcomes[outcome] += 1
    }
  }
  t.diagnostic(`${recorded.length} routes: ${outcomes.ok} done, ${outcomes.denied} denied, ${outcomes.failed} failed, all on record`)
  assert.ok(outcomes.ok > 20, `${outcomes.ok} were done`)
})

test('whoever is denied a route leaves a record of that, whether the route names an event or not', async (t) => {
  const closed = names.filter((name) => routeOf(name).permission !== 'public' && routeOf(name).on !== 'nothing')
  for (const few of some(closed)) {
    const plane = await servePlane(t)
    for (const name of few) {
      const { audit } = routeOf(name)
      // Each by somebody else: the same refusal again would only be counted.
      const nobody = await plane.user(name.toLowerCase(), [{ effect: 'allow', permissions: ['read'], environments: ['main/other/*'] }])
      const before = await newest(plane)
      const said = await askRoute(plane, name, { token: nobody.token.reveal() })
      assertRecorded(name, typeof audit === 'string' ? audit : `denied.${name}`, 'denied', said, await eventsAfter(plane, before))
    }
  }
  t.diagnostic(`${closed.length} routes`)
})

const SECRET = 'made-up-and-not-to-leave'
const text = `values: {a: {fn::secret: ${SECRET}}}`
const params = main('shop', 'dev')

/** Every route that shows a secret, and how it comes to show one. */
const showing: Partial<Record<RouteName, (plane: ServedPlane) => Promise<Partial<Parameters<typeof askRoute>[2]>>>> = {
  openEnvironment: async () => ({}),
  unsealEnvironment: async () => ({}),
  async openValues({ owner }) {
    const { ciphertexts } = need(await owner.call('sealValues', { params, body: { plaintexts: [SECRET] } }))
    return { body: JSON.stringify({ ciphertexts }) }
  },
  async readOpenSession({ owner }) {
    const { session } = need(await owner.call('createOpenSession', { params, body: {} }))
    return { path: pathOf('readOpenSession').replace(/[^/]+$/, session ?? '') }
  },
  async readTextSession({ owner }) {
    const { session } = need(await owner.call('createTextSession', { body: { text } }))
    return { path: pathOf('readTextSession').replace(/[^/]+$/, session ?? '') }
  },
}

/** Routes that take the right to open and show nothing: they keep it for one of the above, or seal it anew. */
const silent: readonly RouteName[] = ['createOpenSession', 'cloneEnvironment']

test('a secret leaves with its record, and without one none leaves', async (t) => {
  const opening = names.filter((name) => routeOf(name).permission === 'open' && !silent.includes(name))
  assert.deepEqual(
    opening.filter((name) => !(name in showing)),
    [],
  )
  for (const [name, preparation] of Object.entries(showing) as [RouteName, NonNullable<(typeof showing)['openEnvironment']>][]) {
    const plane = await servePlane(t)
    const token = plane.ownerToken.reveal()
    need(await plane.owner.call('createEnvironment', { params, body: { text } }))
    const request = { ...(await preparation(plane)), token }
    const before = await newest(plane)
    const said = await askRoute(plane, name, request)
    assert.ok(said.text.includes(SECRET), `${name} answered ${said.status} ${said.text}`)
    assertRecorded(name, String(routeOf(name).audit), 'ok', said, await eventsAfter(plane, before))
    // The disk fails: nothing can be recorded.
    t.mock.method(plane.plane.changes, 'commit', () => Promise.reject(new HeadgateError('STORE_UNAVAILABLE', { reason: 'made up' })))
    const refused = await askRoute(plane, name, request)
    assert.equal(refused.status, 503, `${name} answered ${refused.status} ${refused.code}`)
    assert.equal(refused.text.includes(SECRET), false, name)
    t.mock.restoreAll()
  }
})
