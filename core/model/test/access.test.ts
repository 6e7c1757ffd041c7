import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  type Decision,
  type HeldRole,
  type Permission,
  type Resource,
  type Statement,
  decide,
  defaultRoles,
  parseRole,
  permissions,
} from '../src/access-control.ts'

const counts = { small: 20_000, long: 1_000_000 }
const numRuns = process.env['HEADGATE_PROVE'] === '1' ? counts.long : counts.small

const organisations = ['main', 'other']
const projects = ['shop', 'shop-eu', 'infra']
const environments = ['dev', 'staging', 'production', 'prod']
const paths = ['api', 'api.key', 'api.key2', 'db.password', 'x']
const patterns = ['.*', 'api\\..*', 'api', 'db\\.password', '[a-z]+', 'api|x', '']
const part = (values: readonly string[]) => fc.constantFrom(...values, '*', 'sh*', '*od', '*a*')

const statement: fc.Arbitrary<Statement> = fc.record(
  {
    effect: fc.constantFrom('allow', 'deny'),
    permissions: fc.array(fc.constantFrom(...permissions, '*' as const), { minLength: 1, maxLength: 3 }),
    environments: fc.array(
      fc.tuple(part(organisations), part(projects), part(environments)).map((parts) => parts.join('/')),
      { minLength: 1, maxLength: 2 },
    ),
    patterns: fc.array(fc.constantFrom(...patterns), { maxLength: 2 }),
  },
  { requiredKeys: ['effect', 'permissions', 'environments'] },
)
const held: fc.Arbitrary<HeldRole[]> = fc.array(
  fc.record(
    {
      role: fc.record({
        name: fc.constant('r'),
        description: fc.constant(''),
        statements: fc.array(statement, { minLength: 1, maxLength: 3 }),
      }),
      expires: fc.constantFrom(50, 100, 150),
    },
    { requiredKeys: ['role'] },
  ),
  { maxLength: 3 },
)
const resource: fc.Arbitrary<Resource> = fc.oneof(
  fc.record(
    {
      kind: fc.constant('environment' as const),
      organisation: fc.constantFrom(...organisations),
      project: fc.constantFrom(...projects),
      environment: fc.constantFrom(...environments),
      path: fc.constantFrom(...paths),
    },
    { requiredKeys: ['kind', 'organisation', 'project', 'environment'] },
  ),
  fc.record({
    kind: fc.constant('project' as const),
    organisation: fc.constantFrom(...organisations),
    project: fc.constantFrom(...projects),
  }),
  fc.record({ kind: fc.constant('organisation' as const), organisation: fc.constantFrom(...organisations) }),
)

/** The same question answered the slow way: list the sentences that apply, then read them in words. */
function naive(permission: Permission, asked: Resource, roles: readonly HeldRole[], now: number): Decision {
  const sentences = roles.filter((h) => h.expires === undefined || h.expires > now).flatMap((h) => h.role.statements)
  const about = sentences.filter((s) => (s.permissions as string[]).some((p) => p === '*' || p === permission))
  const star = (glob: string) => new RegExp(`^${glob.replaceAll('*', '[^/]*')}$`)
  const there = about.filter((s) =>
    s.environments.some((glob) => {
      const [o, p, e] = glob.split('/') as [string, string, string]
      if (!star(o).test(asked.organisation)) return false
      if (asked.project === undefined) return p === '*' && e === '*'
      if (!star(p).test(asked.project)) return false
      return asked.environment === undefined ? e === '*' : star(e).test(asked.environment)
    }),
  )
  if (asked.path !== undefined) {
    const speaking = there.filter(
      (s) => s.patterns === undefined || s.patterns.some((p) => new RegExp(`^(?:${p})$`).test(asked.path ?? '')),
    )
    if (speaking.some((s) => s.effect === 'deny')) return 'deny'
    return speaking.length > 0 ? 'allow' : 'deny'
  }
  const whole = (s: Statement) => s.patterns === undefined || s.patterns.some((p) => p === '.*')
  const empty = (s: Statement) => s.patterns !== undefined && s.patterns.length === 0
  const denies = there.filter((s) => s.effect === 'deny' && !empty(s))
  const allows = there.filter((s) => s.effect === 'allow' && !empty(s))
  if (denies.some(whole) || allows.length === 0) return 'deny'
  return denies.length === 0 && allows.some(whole) ? 'allow' : 'partial'
}

test('the decision agrees with an independent, naive reading of the same roles', () => {
  fc.assert(
    fc.property(fc.constantFrom(...permissions), resource, held, (permission, asked, roles) => {
      assert.equal(decide(permission, asked, roles, 100), naive(permission, asked, roles, 100))
    }),
    { numRuns },
  )
})

test('nobody may do anything without a role', () => {
  for (const permission of permissions) assert.equal(decide(permission, { kind: 'organisation', organisation: 'main' }, [], 0), 'deny')
})

test('an explicit deny beats every allow', () => {
  const [owner] = defaultRoles('main')
  const no = {
    name: 'no',
    description: '',
    statements: [{ effect: 'deny', permissions: ['open'], environments: ['main/shop/*'] }],
  } as const
  const shop = { kind: 'environment', organisation: 'main', project: 'shop', environment: 'dev', path: 'api.key' } as const
  assert.ok(owner)
  assert.equal(decide('open', shop, [{ role: owner }], 0), 'allow')
  assert.equal(decide('open', shop, [{ role: owner }, { role: no }], 0), 'deny')
  assert.equal(decide('read', shop, [{ role: owner }, { role: no }], 0), 'allow')
})

test('a role held until a time no longer counts from that time on', () => {
  const [owner] = defaultRoles('main')
  assert.ok(owner)
  const asked = { kind: 'organisation', organisation: 'main' } as const
  assert.equal(decide('admin', asked, [{ role: owner, expires: 10 }], 9), 'allow')
  assert.equal(decide('admin', asked, [{ role: owner, expires: 10 }], 10), 'deny')
})

test('a role for one environment gives no right over its project or organisation', () => {
  const one = {
    name: 'one',
    description: '',
    statements: [{ effect: 'allow', permissions: ['*'], environments: ['main/shop/dev'] }],
  } as const
  assert.equal(decide('read', { kind: 'project', organisation: 'main', project: 'shop' }, [{ role: one }], 0), 'deny')
  assert.equal(decide('admin', { kind: 'organisation', organisation: 'main' }, [{ role: one }], 0), 'deny')
})

test('every default role is one that could have been written by hand', () => {
  for (const role of defaultRoles('main')) assert.deepEqual(parseRole(role), { ok: true, value: role })
})

test('a role that cannot be used is refused with the reason', () => {
  const wrong = (over: Partial<Statement>, name = 'r') =>
    parseRole({ name, description: '', statements: [{ effect: 'allow', permissions: ['read'], environments: ['a/b/c'], ...over }] })
  assert.equal(wrong({}).ok, true)
  for (const role of [
    wrong({}, 'Upper Case'),
    wrong({ permissions: [] }),
    wrong({ permissions: ['fly' as Permission] }),
    wrong({ environments: [] }),
    wrong({ environments: ['a/b'] }),
    wrong({ patterns: ['(?=look)'] }),
  ]) {
    assert.equal(role.ok, false)
  }
})
