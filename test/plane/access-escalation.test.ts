import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type PrincipalId, type Result, Secret } from '@headgate/model'
import { type HeldRole, type Permission, type Resource, type Role, decide, defaultRoles } from '@headgate/model/access'
import { type PlaneClient, createPlaneClient } from '@headgate/sdk/http'
import fc from 'fast-check'
import { seed, times } from '../proving.ts'
import { type ServedPlane, need, servePlane } from './served-plane.ts'

const names = ['ann', 'ben'] as const
const teams = ['red', 'blue'] as const
const custom = ['one', 'two'] as const
const roleNames = [...custom, 'owner', 'admin', 'admin', 'developer', 'operator', 'operator', 'viewer']
const scopes = [['main/shop/*'], ['main/*/production'], ['main/shop/dev', 'main/infra/*']]

const questions: readonly { permission: Permission; resource: Resource }[] = (
  ['read', 'open', 'deploy', 'admin', 'audit'] as const
).flatMap((permission) => [
  { permission, resource: { kind: 'organisation', organisation: 'main' } },
  ...['shop/dev', 'shop/production', 'infra/dev'].flatMap((each) => {
    const [project = '', environment = ''] = each.split('/')
    const resource: Resource = { kind: 'environment', organisation: 'main', project, environment }
    return [
      { permission, resource },
      { permission, resource: { ...resource, path: 'api.key' } },
    ]
  }),
])

type Allowed = ReadonlyMap<string, ReadonlySet<number>>

/** What each may do, read from the rows alone. */
async function allowedNow({ plane }: ServedPlane): Promise<Allowed> {
  const { store, organisation } = plane
  const [principals, bindings, stored] = await Promise.all([
    store.principals.list(organisation.id),
    store.bindings.list(organisation.id),
    store.roles.list(organisation.id),
  ])
  const known = new Map<string, Role>(defaultRoles('main').map((role) => [role.name, role]))
  for (const row of stored) known.set(row.name, { ...row, statements: JSON.parse(row.statements) as Role['statements'] })
  const members = new Map(await Promise.all(teams.map(async (team) => [team, await store.teams.members(organisation.id, team)] as const)))
  const isOf = (row: (typeof bindings)[number], id: PrincipalId) =>
    row.subject_kind === 'principal'
      ? row.subject === id
      : members.get(row.subject as (typeof teams)[number])?.some((member) => member.principal === id)
  return new Map(
    principals.map(({ id, name, disabled_at }) => {
      const held = bindings
        .filter((row) => disabled_at === null && isOf(row, id))
        .flatMap((row): HeldRole[] => {
          const role = known.get(row.role)
          return role ? [{ role, ...(row.scope == null ? {} : { scope: JSON.parse(row.scope) as string[] }) }] : []
        })
      const may = questions.map(({ permission, resource }) => decide(permission, resource, held, plane.now()) === 'allow')
      return [name, new Set(may.flatMap((allowed, i) => (allowed ? [i] : [])))] as const
    }),
  )
}

const statement = fc.record(
  {
    effect: fc.constantFrom<('allow' | 'deny')[]>('allow', 'allow', 'deny'),
    permissions: fc.constantFrom<string[][]>(['read'], ['open'], ['*'], ['deploy', 'admin'], ['audit', 'open']),
    environments: fc.constantFrom<string[][]>(['main/*/*'], ['main/shop/*'], ['main/*/production'], ['main/infra/dev', 'main/shop/dev']),
    patterns: fc.constantFrom<string[][]>(['api\\..*'], ['.*']),
  },
  { requiredKeys: ['effect', 'permissions', 'environments'] },
)
const step = fc.record({
  actor: fc.constantFrom(...names, 'owner'),
  act: fc.constantFrom(
    'bind',
    'bind',
    'bind',
    'unbind',
    'rescope',
    'join',
    'leave',
    'dissolve',
    'edit',
    'edit',
    'suspend',
    'resume',
    'resume',
  ),
  name: fc.constantFrom(...names),
  team: fc.constantFrom(...teams),
  role: fc.constantFrom(...roleNames),
  custom: fc.constantFrom(...custom),
  scope: fc.option(fc.constantFrom(...scopes), { nil: undefined }),
  statements: fc.array(statement, { minLength: 1, maxLength: 3 }),
  toTeam: fc.boolean(),
  pick: fc.nat(),
})
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

async function take(plane: ServedPlane, by: PlaneClient, s: Step): Promise<Result<unknown>> {
  const bindings = need(await plane.owner.call('listBindings', {})).bindings
  const binding = bindings[s.pick % bindings.length]?.id ?? ''
  const scoped = s.scope ? { scope: s.scope } : {}
  switch (s.act) {
    case 'bind': {
      const subject = s.toTeam ? { kind: 'team' as const, name: s.team } : { kind: 'principal' as const, name: s.name }
      return by.call('createBinding', { body: { subject, role: s.role, ...scoped } })
    }
    case 'unbind':
      return by.call('deleteBinding', { params: { binding } })
    case 'rescope':
      return by.call('updateBinding', { params: { binding }, body: { scope: s.scope ?? null } })
    case 'join':
      return by.call('addTeamMember', { params: { team: s.team, principal: s.name } })
    case 'leave':
      return by.call('removeTeamMember', { params: { team: s.team, principal: s.name } })
    case 'dissolve': {
      const gone = await by.call('deleteTeam', { params: { team: s.team } })
      if (gone.ok) need(await plane.owner.call('createTeam', { body: { name: s.team } }))
      return gone
    }
    case 'edit':
      return by.call('updateRole', { params: { role: s.custom }, body: { statements: s.statements } })
    default:
      return by.call('updatePrincipal', { params: { principal: s.name }, body: { suspended: s.act === 'suspend' } })
  }
}

test('whatever anybody does, nobody comes to a right that neither they nor the one who did it had', async (t) => {
  const plane = await servePlane(t)
  t.diagnostic(`seed ${seed}`)
  const clients = new Map<string, PlaneClient>([['owner', plane.owner]])
  for (const name of teams) need(await plane.owner.call('createTeam', { body: { name } }))
  const harmless = [{ effect: 'allow' as const, permissions: ['read'], environments: ['main/shop/dev'] }]
  for (const name of custom) need(await plane.owner.call('createRole', { body: { name, statements: harmless } }))
  for (const name of names) {
    need(await plane.owner.call('createPrincipal', { body: { name, kind: 'user' } }))
    const { secret } = need(await plane.owner.call('createToken', { body: { principal: name, name: 'test' } }))
    clients.set(name, createPlaneClient({ url: plane.url, token: new Secret(secret) }))
  }
  for (const name of names) {
    need(await plane.owner.call('createBinding', { body: { subject: { kind: 'principal', name }, role: 'admin' } }))
  }
  const steps = times({ short: 120, long: 5_000 })
  const outcomes = new Map<string, number>()
  let before = await allowedNow(plane)
  for (const each of fc.sample(step, { numRuns: steps, seed })) {
    const result = await take(plane, clients.get(each.actor) ?? plane.owner, each)
    const how = result.ok ? 'ok' : result.problem.code
    outcomes.set(how, (outcomes.get(how) ?? 0) + 1)
    const after = await allowedNow(plane)
    for (const [name, rights] of after) {
      for (const right of rights) {
        const had = before.get(name)?.has(right) || (result.ok && before.get(each.actor)?.has(right))
        assert.ok(had, `${each.actor} gave ${name} ${JSON.stringify(questions[right])} by ${JSON.stringify(each)}`)
      }
    }
    // Whoever is suspended does nothing for the rest of the run, so the owner wakes them.
    const asleep = !result.ok && result.problem.code === 'PRINCIPAL_SUSPENDED'
    if (asleep) need(await plane.owner.call('updatePrincipal', { params: { principal: each.actor }, body: { suspended: false } }))
    before = asleep ? await allowedNow(plane) : after
    const left = need(await plane.owner.call('getSession', {})).roles
    assert.ok(left.includes('owner'), JSON.stringify(each))
  }
  assert.ok((outcomes.get('ok') ?? 0) > steps / 20 && (outcomes.get('ACCESS_BEYOND_OWN') ?? 0) > 0, JSON.stringify([...outcomes]))
})
