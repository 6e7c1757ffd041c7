import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Body } from '@headgate/contract'
import { Secret } from '@headgate/model'
import { type PlaneClient, createPlaneClient } from '@headgate/sdk/http'
import { insert } from '@headgate/store'
import { type ServedPlane, codeOf, main, need, servePlane } from './served-plane.ts'

type Limit = Body<'createToken'>['limit']

/** A principal with built-in or custom roles, and a client signed in as it. */
async function member(
  plane: ServedPlane,
  name: string,
  roles: readonly string[],
  options: { kind?: 'user' | 'machine'; limit?: Limit; expires?: number } = {},
): Promise<{ client: PlaneClient; tokenId: string; secret: string }> {
  const { kind = 'user', ...token } = options
  need(await plane.owner.call('createPrincipal', { body: { name, kind } }))
  for (const role of roles) await grant(plane.owner, name, role)
  const made = need(await plane.owner.call('createToken', { body: { principal: name, name: 'test', ...token } }))
  return { client: clientOf(plane, made.secret), tokenId: made.id, secret: made.secret }
}

function clientOf(plane: ServedPlane, secret: string): PlaneClient {
  return createPlaneClient({ url: plane.url, token: new Secret(secret) })
}

async function grant(by: PlaneClient, name: string, role: string, scope?: string[]): Promise<string> {
  const subject = { kind: 'principal' as const, name }
  return need(await by.call('createBinding', { body: { subject, role, ...(scope ? { scope } : {}) } })).id
}

const dev = main('shop', 'dev')
const production = main('shop', 'production')

async function twoEnvironments(plane: ServedPlane): Promise<void> {
  const text = 'values:\n  key: {fn::secret: made-up}\n'
  for (const params of [dev, production]) need(await plane.owner.call('createEnvironment', { params, body: { text } }))
}

test('a new principal can do nothing until it holds a role, and nothing any more when the role is taken away', async (t) => {
  const plane = await servePlane(t)
  await twoEnvironments(plane)
  const { client } = await member(plane, 'alice', [])
  assert.equal(codeOf(await client.call('openEnvironment', { params: dev })), 'ENV_NOT_FOUND')
  const binding = await grant(plane.owner, 'alice', 'developer')
  assert.ok((await client.call('openEnvironment', { params: dev })).ok)
  assert.equal(codeOf(await client.call('openEnvironment', { params: production })), 'PERMISSION_DENIED')
  need(await plane.owner.call('deleteBinding', { params: { binding } }))
  assert.equal(codeOf(await client.call('openEnvironment', { params: dev })), 'ENV_NOT_FOUND')
})

test('a role held on some environments counts there only', async (t) => {
  const plane = await servePlane(t)
  await twoEnvironments(plane)
  const { client } = await member(plane, 'alice', [])
  await grant(plane.owner, 'alice', 'operator', ['main/shop/dev'])
  assert.ok((await client.call('openEnvironment', { params: dev })).ok)
  assert.equal(codeOf(await client.call('readEnvironment', { params: production })), 'ENV_NOT_FOUND')
  assert.equal(codeOf(await client.call('listMigrations', {})), 'PERMISSION_DENIED')
})

test('a team gives its roles to its members, as long as they are members', async (t) => {
  const plane = await servePlane(t)
  await twoEnvironments(plane)
  const { client } = await member(plane, 'alice', [])
  need(await plane.owner.call('createTeam', { body: { name: 'platform' } }))
  need(await plane.owner.call('createBinding', { body: { subject: { kind: 'team', name: 'platform' }, role: 'operator' } }))
  need(await plane.owner.call('addTeamMember', { params: { team: 'platform', principal: 'alice' } }))
  assert.ok((await client.call('openEnvironment', { params: production })).ok)
  assert.deepEqual(need(await plane.owner.call('readPrincipal', { params: { principal: 'alice' } })).roles, [
    { role: 'operator', team: 'platform' },
  ])
  need(await plane.owner.call('removeTeamMember', { params: { team: 'platform', principal: 'alice' } }))
  assert.equal(codeOf(await client.call('openEnvironment', { params: production })), 'ENV_NOT_FOUND')
  need(await plane.owner.call('addTeamMember', { params: { team: 'platform', principal: 'alice' } }))
  need(await plane.owner.call('deleteTeam', { params: { team: 'platform' } }))
  assert.equal(codeOf(await client.call('openEnvironment', { params: production })), 'ENV_NOT_FOUND')
  // A team of the same name begins with nothing.
  assert.deepEqual(need(await plane.owner.call('createTeam', { body: { name: 'platform' } })).members, [])
})

test('an edited role counts at once for everybody who holds it', async (t) => {
  const plane = await servePlane(t)
  await twoEnvironments(plane)
  const statements = [{ effect: 'allow' as const, permissions: ['read'], environments: ['main/shop/*'] }]
  need(await plane.owner.call('createRole', { body: { name: 'reader', statements } }))
  const { client } = await member(plane, 'alice', ['reader'])
  assert.equal(codeOf(await client.call('openEnvironment', { params: dev })), 'PERMISSION_DENIED')
  const wider = [{ ...statements[0]!, permissions: ['read', 'open'] }]
  need(await plane.owner.call('updateRole', { params: { role: 'reader' }, body: { statements: wider } }))
  assert.ok((await client.call('openEnvironment', { params: dev })).ok)
  assert.equal(codeOf(await plane.owner.call('deleteRole', { params: { role: 'reader' } })), 'ROLE_IN_USE')
  assert.equal(codeOf(await plane.owner.call('updateRole', { params: { role: 'viewer' }, body: { statements } })), 'ROLE_PROTECTED')
})

test('a role that came with a later version does not take the place of a custom one of its name', async (t) => {
  const plane = await servePlane(t)
  await twoEnvironments(plane)
  const statements = [{ effect: 'allow' as const, permissions: ['read' as const], environments: ['main/shop/dev'] }]
  // As a version left it that had no role of this name yet.
  const row = { organisation: plane.plane.organisation.id, name: 'opener', description: '', created_at: 1 }
  await plane.write([insert('roles', { ...row, statements: JSON.stringify(statements) })])
  const { client } = await member(plane, 'alice', ['opener'])
  assert.ok((await client.call('readEnvironment', { params: dev })).ok)
  assert.equal(codeOf(await client.call('openEnvironment', { params: dev })), 'PERMISSION_DENIED')
  assert.equal(codeOf(await client.call('openEnvironment', { params: production })), 'ENV_NOT_FOUND')
  const listed = need(await plane.owner.call('listRoles', {})).roles.filter(({ name }) => name === 'opener')
  assert.deepEqual(
    listed.map(({ builtIn, statements: says }) => [builtIn, says]),
    [[false, statements]],
  )
  assert.equal(need(await plane.owner.call('readRole', { params: { role: 'opener' } })).builtIn, false)
  const wider = [{ effect: 'allow' as const, permissions: ['read' as const, 'open' as const], environments: ['main/shop/dev'] }]
  need(await plane.owner.call('updateRole', { params: { role: 'opener' }, body: { statements: wider } }))
  assert.ok((await client.call('openEnvironment', { params: dev })).ok)
  need(await plane.owner.call('deletePrincipal', { params: { principal: 'alice' } }))
  need(await plane.owner.call('deleteRole', { params: { role: 'opener' } }))
  assert.equal(need(await plane.owner.call('readRole', { params: { role: 'opener' } })).builtIn, true)
})

test('a role with mistakes is refused with the place of each', async (t) => {
  const plane = await servePlane(t)
  const statements = [
    { effect: 'allow' as const, permissions: ['read', 'fly'], environments: ['main/shop'] },
    { effect: 'deny' as const, permissions: ['open'], environments: ['main/shop/*'], patterns: ['db\\.('] },
  ]
  const refused = await plane.owner.call('createRole', { body: { name: 'odd', statements } })
  assert.equal(codeOf(refused), 'ROLE_INVALID')
  assert.ok(!refused.ok)
  assert.deepEqual(
    refused.problem.diagnostics?.map(({ path }) => path),
    ['statements[0].permissions[1]', 'statements[0].environments[0]', 'statements[1].patterns[0]'],
  )
})

test('nobody gives rights they do not hold: not by a role, a team, a token, an edit or a lifted denial', async (t) => {
  const plane = await servePlane(t)
  await twoEnvironments(plane)
  const { client: admin } = await member(plane, 'ada', ['admin'])
  await member(plane, 'bob', [])
  const beyond = (result: Parameters<typeof codeOf>[0]) => assert.equal(codeOf(result), 'ACCESS_BEYOND_OWN')
  const give = (name: string, role: string) => admin.call('createBinding', { body: { subject: { kind: 'principal', name }, role } })
  beyond(await give('ada', 'owner'))
  beyond(await give('bob', 'operator'))
  assert.ok((await give('bob', 'developer')).ok)
  // A role of one's own making.
  const statements = [{ effect: 'allow' as const, permissions: ['open'], environments: ['main/*/production'] }]
  need(await admin.call('createRole', { body: { name: 'peek', statements } }))
  beyond(await give('ada', 'peek'))
  // Editing a role one holds already.
  const harmless = [{ effect: 'allow' as const, permissions: ['read'], environments: ['main/*/*'] }]
  need(await admin.call('createRole', { body: { name: 'mine', statements: harmless } }))
  need(await give('ada', 'mine'))
  beyond(await admin.call('updateRole', { params: { role: 'mine' }, body: { statements: [...harmless, ...statements] } }))
  // Joining a team that holds more.
  need(await plane.owner.call('createTeam', { body: { name: 'keepers' } }))
  need(await plane.owner.call('createBinding', { body: { subject: { kind: 'team', name: 'keepers' }, role: 'operator' } }))
  beyond(await admin.call('addTeamMember', { params: { team: 'keepers', principal: 'ada' } }))
  // A token of somebody who can do more; one that is confined to what the administrator may do is fine.
  beyond(await admin.call('createToken', { body: { principal: 'owner', name: 'stolen' } }))
  assert.ok((await admin.call('createToken', { body: { principal: 'owner', name: 'small', limit: { permissions: ['read'] } } })).ok)
  // Taking one's own denial away, or confining it.
  const bindings = need(await admin.call('listBindings', { query: { principal: 'ada', role: 'admin' } })).bindings
  const binding = bindings[0]?.id ?? ''
  beyond(await admin.call('deleteBinding', { params: { binding } }))
  beyond(await admin.call('updateBinding', { params: { binding }, body: { scope: ['main/shop/*'] } }))
  // Waking somebody who can do more.
  await member(plane, 'olga', ['operator'])
  need(await admin.call('updatePrincipal', { params: { principal: 'olga' }, body: { suspended: true } }))
  beyond(await admin.call('updatePrincipal', { params: { principal: 'olga' }, body: { suspended: false } }))
  const { records } = need(await plane.owner.call('listAudit', { query: { actor: 'ada', action: 'binding.create' } }))
  // The same denial within a minute is counted, not repeated.
  assert.deepEqual([...new Set(records.map(({ outcome }) => outcome))].toSorted(), ['denied', 'ok'])
  assert.equal(records.find(({ outcome }) => outcome === 'denied')?.details['code'], 'ACCESS_BEYOND_OWN')
})

test('the last owner cannot be taken away, by any way', async (t) => {
  const plane = await servePlane(t)
  const { owner } = plane
  const own = need(await owner.call('listBindings', { query: { principal: 'owner' } })).bindings[0]
  assert.ok(own)
  const last = (result: Parameters<typeof codeOf>[0]) => assert.equal(codeOf(result), 'LAST_OWNER')
  const attempts = async () => {
    last(await owner.call('deleteBinding', { params: { binding: own.id } }))
    last(await owner.call('updateBinding', { params: { binding: own.id }, body: { scope: ['main/shop/*'] } }))
    last(await owner.call('updateBinding', { params: { binding: own.id }, body: { expires: plane.time + 1000 } }))
    last(await owner.call('updatePrincipal', { params: { principal: 'owner' }, body: { suspended: true } }))
    last(await owner.call('deletePrincipal', { params: { principal: 'owner' } }))
  }
  await attempts()
  // A machine, a suspended user and one with an end are no owners to rely on.
  await member(plane, 'robot', ['owner'], { kind: 'machine' })
  await member(plane, 'asleep', ['owner'])
  need(await owner.call('updatePrincipal', { params: { principal: 'asleep' }, body: { suspended: true } }))
  await member(plane, 'guest', [])
  const subject = { kind: 'principal' as const, name: 'guest' }
  need(await owner.call('createBinding', { body: { subject, role: 'owner', expires: plane.time + 60_000 } }))
  await attempts()
  // Through a team: the member, the team and its binding count.
  await member(plane, 'second', [])
  need(await owner.call('createTeam', { body: { name: 'owners' } }))
  need(await owner.call('addTeamMember', { params: { team: 'owners', principal: 'second' } }))
  need(await owner.call('createBinding', { body: { subject: { kind: 'team', name: 'owners' }, role: 'owner' } }))
  need(await owner.call('deleteBinding', { params: { binding: own.id } }))
  const second = need(await plane.owner.call('getSession', {}))
  assert.deepEqual(second.roles, [])
})

test('two owners who take each other away at the same time do not both succeed', async (t) => {
  const plane = await servePlane(t)
  const { client } = await member(plane, 'second', ['owner'])
  const results = await Promise.all([
    plane.owner.call('updatePrincipal', { params: { principal: 'second' }, body: { suspended: true } }),
    client.call('updatePrincipal', { params: { principal: 'owner' }, body: { suspended: true } }),
  ])
  assert.equal(results.filter((result) => result.ok).length, 1, JSON.stringify(results))
})

test('a token can be confined, and never does more than its principal', async (t) => {
  const plane = await servePlane(t)
  await twoEnvironments(plane)
  const { client } = await member(plane, 'alice', ['developer', 'operator'])
  const tokenWith = async (limit: Limit) =>
    clientOf(plane, need(await client.call('createToken', { body: { name: 'small', limit } })).secret)
  const opens = async (by: PlaneClient, params: typeof dev) => codeOf(await by.call('openEnvironment', { params })) ?? 'ok'
  // The developer role's denial binds whoever holds it, whatever else they hold.
  assert.deepEqual([await opens(client, dev), await opens(client, production)], ['ok', 'PERMISSION_DENIED'])
  const onlyOperator = await tokenWith({ roles: ['operator'] })
  assert.deepEqual([await opens(onlyOperator, dev), await opens(onlyOperator, production)], ['ok', 'PERMISSION_DENIED'])
  const elsewhere = await tokenWith({ environments: ['main/other/*'] })
  assert.deepEqual([await opens(elsewhere, dev), await opens(elsewhere, production)], ['ENV_NOT_FOUND', 'ENV_NOT_FOUND'])
  const reads = await tokenWith({ permissions: ['read'] })
  assert.equal(await opens(reads, dev), 'PERMISSION_DENIED')
  // A confined token makes confined tokens only, and none that lasts longer.
  const made = await reads.call('createToken', { body: { name: 'more', limit: { permissions: ['read', 'open'] } } })
  assert.equal(codeOf(made), 'ACCESS_BEYOND_OWN')
  const inherited = need(await reads.call('createToken', { body: { name: 'same' } }))
  assert.deepEqual(inherited.limit, { permissions: ['read'] })
  const short = need(await client.call('createToken', { body: { name: 'short', expires: plane.time + 60_000 } }))
  const byShort = clientOf(plane, short.secret)
  const longer = await byShort.call('createToken', { body: { name: 'longer', expires: plane.time + 120_000 } })
  assert.equal(codeOf(longer), 'TIME_INVALID')
  assert.equal(need(await byShort.call('createToken', { body: { name: 'as long' } })).expires, plane.time + 60_000)
  assert.equal(
    codeOf(await byShort.call('updateToken', { params: { token: short.id }, body: { expires: plane.time + 90_000 } })),
    'TIME_INVALID',
  )
})

test('a token is shown once, listed with its last use, and refused from the request after its revocation', async (t) => {
  const plane = await servePlane(t)
  const { client, secret, tokenId } = await member(plane, 'alice', ['viewer'])
  need(await client.call('getSession', {}))
  const mine = need(await client.call('listTokens', {})).tokens
  assert.equal(mine.length, 1)
  assert.equal(mine[0]?.current, true)
  assert.ok(!JSON.stringify(mine).includes(secret))
  assert.ok(mine[0].used !== undefined)
  assert.equal(codeOf(await client.call('listTokens', { query: { principal: 'owner' } })), 'PERMISSION_DENIED')
  assert.equal(codeOf(await client.call('createToken', { body: { principal: 'owner', name: 'x' } })), 'PERMISSION_DENIED')
  const [owners] = need(await plane.owner.call('listTokens', {})).tokens
  assert.equal(codeOf(await client.call('revokeToken', { params: { token: owners?.id ?? '' } })), 'TOKEN_NOT_FOUND')
  need(await plane.owner.call('revokeToken', { params: { token: tokenId } }))
  assert.equal(codeOf(await client.call('getSession', {})), 'TOKEN_REVOKED')
  const { records } = need(await plane.owner.call('listAudit', {}))
  assert.ok(!JSON.stringify(records).includes(secret))
})

test('a suspended principal cannot sign in; a deleted one loses its tokens, roles and name', async (t) => {
  const plane = await servePlane(t)
  await twoEnvironments(plane)
  const { client } = await member(plane, 'alice', ['viewer'])
  const params = { principal: 'alice' }
  need(await plane.owner.call('updatePrincipal', { params, body: { suspended: true } }))
  assert.equal(codeOf(await client.call('getSession', {})), 'PRINCIPAL_SUSPENDED')
  need(await plane.owner.call('updatePrincipal', { params, body: { suspended: false } }))
  assert.ok((await client.call('getSession', {})).ok)
  assert.equal(need(await plane.owner.call('deletePrincipal', { params })).revokedTokens, 1)
  assert.equal(codeOf(await client.call('getSession', {})), 'TOKEN_REVOKED')
  assert.equal(codeOf(await plane.owner.call('readPrincipal', { params })), 'PRINCIPAL_NOT_FOUND')
  // The name is free; whoever has it next has nothing of the one before.
  need(await plane.owner.call('createPrincipal', { body: { name: 'alice', kind: 'user' } }))
  assert.deepEqual(need(await plane.owner.call('readPrincipal', { params })).roles, [])
  assert.equal(codeOf(await client.call('getSession', {})), 'TOKEN_REVOKED')
})

test('names that could be taken for another are refused', async (t) => {
  const plane = await servePlane(t)
  const made = async (name: string) => codeOf(await plane.owner.call('createPrincipal', { body: { name, kind: 'user' } }))
  for (const name of ['Owner', 'OWNER ', ' owner', 'owner\u200b', 'оwner', '../owner', 'a b', '']) {
    assert.match((await made(name)) ?? 'made', /PRINCIPAL_INVALID|REQUEST_INVALID/, JSON.stringify(name))
  }
  for (const name of ['plane', 'instances']) assert.equal(await made(name), 'PRINCIPAL_RESERVED')
  assert.equal(await made('owner'), 'PRINCIPAL_EXISTS')
  assert.equal(await made('alice@example.org'), undefined)
})

test('a check says which statement decides', async (t) => {
  const plane = await servePlane(t)
  await member(plane, 'alice', ['developer'])
  const check = async (permission: 'open' | 'admin', resource: string) =>
    need(await plane.owner.call('checkAccess', { query: { principal: 'alice', permission, resource } }))
  const denied = await check('open', 'shop/production#key')
  assert.equal(denied.resource, 'environment:main/shop/production#key')
  assert.equal(denied.decision, 'deny')
  assert.deepEqual(
    denied.reasons.map(({ role, number, decisive }) => ({ role, number, decisive })),
    [
      { role: 'developer', number: 2, decisive: true },
      { role: 'developer', number: 1, decisive: false },
    ],
  )
  assert.equal((await check('open', 'shop/dev')).decision, 'allow')
  assert.deepEqual((await check('admin', 'organisation:main')).reasons, [])
  const wrong = await plane.owner.call('checkAccess', { query: { permission: 'open', resource: 'a/b/c/d' } })
  assert.equal(codeOf(wrong), 'RESOURCE_INVALID')
})
