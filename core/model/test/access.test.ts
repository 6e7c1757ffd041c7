import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  type Decision,
  type HeldRole,
  type Permission,
  type Resource,
  type Statement,
  covers,
  decide,
  deniedByRole,
  defaultRoles,
  explain,
  firstUncovered,
  gainedByEdit,
  parseRole,
  permissions,
} from '../src/access-control.ts'
import { globCovers, globMatches, globsMeet } from '../src/pattern.ts'

const counts = { small: 20_000, long: 1_000_000 }
const numRuns = process.env['HEADGATE_PROVE'] === '1' ? counts.long : counts.small

const organisations = ['main', 'other']
const projects = ['shop', 'shop-eu', 'infra']
const environments = ['dev', 'staging', 'production', 'prod']
const paths = ['api', 'api.key', 'api.key2', 'db.password', 'x']
const patterns = ['.*', 'api\\..*', 'api', 'db\\.password', '[a-z]+', 'api|x', '']
const part = (values: readonly string[]) => fc.constantFrom(...values, '*', 'sh*', '*od', '*a*')

const glob = fc.tuple(part(organisations), part(projects), part(environments)).map((parts) => parts.join('/'))

const statement: fc.Arbitrary<Statement> = fc.record(
  {
    effect: fc.constantFrom('allow', 'deny'),
    permissions: fc.array(fc.constantFrom(...permissions, '*' as const), { minLength: 1, maxLength: 3 }),
    environments: fc.array(glob, { minLength: 1, maxLength: 2 }),
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
      scope: fc.array(glob, { minLength: 1, maxLength: 2 }),
      limit: fc.record(
        {
          roles: fc.constantFrom(['r'], ['another'], ['r', 'another']),
          permissions: fc.array(fc.constantFrom(...permissions), { maxLength: 4 }),
          environments: fc.array(glob, { minLength: 1, maxLength: 2 }),
        },
        { requiredKeys: [] },
      ),
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
  const star = (pattern: string) => new RegExp(`^${pattern.replaceAll('*', '[^/]*')}$`)
  const speaks = (globs: readonly string[]) =>
    globs.some((each) => {
      const [o, p, e] = each.split('/') as [string, string, string]
      if (!star(o).test(asked.organisation)) return false
      if (asked.project === undefined) return p === '*' && e === '*'
      if (!star(p).test(asked.project)) return false
      return asked.environment === undefined ? e === '*' : star(e).test(asked.environment)
    })
  const there = roles
    .filter((h) => h.expires === undefined || h.expires > now)
    .filter((h) => h.scope === undefined || speaks(h.scope))
    .flatMap((h) => {
      const { roles: names, permissions: few, environments: places } = h.limit ?? {}
      const narrowed = (names && !names.includes(h.role.name)) || (few && !few.includes(permission)) || (places && !speaks(places))
      return h.role.statements.filter((s) => s.effect === 'deny' || !narrowed)
    })
    .filter((s) => (s.permissions as string[]).some((p) => p === '*' || p === permission))
    .filter((s) => speaks(s.environments))
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

test('the reasons of a decision are those it was made by', () => {
  fc.assert(
    fc.property(fc.constantFrom(...permissions), resource, held, (permission, asked, roles) => {
      const { decision, reasons } = explain(permission, asked, roles, 100)
      assert.equal(decision, decide(permission, asked, roles, 100))
      const decisive = reasons.filter((reason) => reason.decisive)
      if (decision === 'allow') assert.ok(decisive.some(({ statement: s }) => s.effect === 'allow'))
      if (decision === 'deny') assert.ok(decisive.every(({ statement: s }) => s.effect === 'deny'))
      if (decision === 'deny' && decisive.length === 0) assert.ok(reasons.every(({ statement: s }) => s.effect === 'deny'))
    }),
    { numRuns },
  )
})

/** Every question the small world above has. */
const everything: readonly Resource[] = ['main'].flatMap((organisation): Resource[] => [
  { kind: 'organisation', organisation },
  ...projects.flatMap((project): Resource[] => [
    { kind: 'project', organisation, project },
    ...environments.flatMap((environment): Resource[] => [
      { kind: 'environment', organisation, project, environment },
      ...['api.key', 'db.password'].map((path): Resource => ({ kind: 'environment', organisation, project, environment, path })),
    ]),
  ]),
])

function assertNothingMore(given: readonly HeldRole[], holder: readonly HeldRole[]): void {
  for (const now of [100, 140]) {
    for (const permission of ['read', 'open', 'admin'] as const) {
      for (const asked of everything) {
        if (decide(permission, asked, given, now) !== 'allow') continue
        assert.equal(decide(permission, asked, holder, now), 'allow', `${permission} on ${JSON.stringify(asked)} at ${now}`)
      }
    }
  }
}

test('what is covered gives nothing that its giver does not have, now or later', () => {
  let covered = 0
  // Random roles rarely have to do with each other, so the world is small, and the wanted ones are pieces of the held
  // ones: narrowed, without a denial, or without an end.
  const few = fc.record(
    {
      effect: fc.constantFrom('allow', 'allow', 'deny'),
      permissions: fc.constantFrom<Statement['permissions'][]>(['read'], ['open', 'read'], ['*']),
      environments: fc.array(fc.constantFrom('main/*/*', 'main/shop/*', 'main/*/prod', 'main/sh*/dev'), { minLength: 1, maxLength: 2 }),
      patterns: fc.constantFrom(['api\\..*'], ['.*'], ['db\\.password']),
    },
    { requiredKeys: ['effect', 'permissions', 'environments'] },
  ) as fc.Arbitrary<Statement>
  const heldFew: fc.Arbitrary<HeldRole[]> = fc.array(
    fc.record(
      {
        role: fc.array(few, { minLength: 1, maxLength: 3 }).map((statements) => ({ name: 'r', description: '', statements })),
        expires: fc.constant(120),
        scope: fc.constantFrom(['main/shop/*'], ['main/*/prod', 'main/infra/*']),
      },
      { requiredKeys: ['role'] },
    ),
    { minLength: 1, maxLength: 2 },
  )
  const piece = fc.record(
    {
      of: fc.nat(5),
      statements: fc.integer({ min: 1, max: 7 }),
      endless: fc.boolean(),
      scope: fc.constantFrom(['main/shop/*'], ['main/*/prod']),
      denial: few.map((each): Statement => ({ ...each, effect: 'deny' })),
      denialFirstEnds: fc.boolean(),
    },
    { requiredKeys: ['of', 'statements', 'endless', 'denialFirstEnds'] },
  )
  const pair = fc.tuple(heldFew, fc.array(piece, { minLength: 1, maxLength: 2 }), fc.boolean()).map(([mine, pieces, whole]) => {
    const wanted = pieces.flatMap(({ of, statements: mask, endless, scope, denial, denialFirstEnds }): HeldRole[] => {
      const from = mine[of % Math.max(1, mine.length)]
      if (!from) return []
      const taken = from.role.statements.filter((_, i) => whole || (mask >> i) % 2 === 1)
      const { expires, ...rest } = from
      const kept = { ...rest, ...(endless || expires === undefined ? {} : { expires }), ...(scope ? { scope } : {}) }
      const denying = denial && { role: { ...from.role, statements: [denial] }, ...(denialFirstEnds ? { expires: 120 } : {}) }
      return [{ ...kept, role: { ...from.role, statements: taken } }, ...(denying ? [denying] : [])]
    })
    return { mine, wanted }
  })
  fc.assert(
    fc.property(pair, ({ mine, wanted }) => {
      if (!covers(mine, wanted, 100)) return
      if (wanted.some(({ role }) => role.statements.some(({ effect }) => effect === 'allow'))) covered++
      assertNothingMore(wanted, mine)
    }),
    { numRuns: Math.ceil(numRuns / 8) },
  )
  assert.ok(covered > numRuns / 100, `only ${covered} pairs covered each other`)
})

test('whoever holds a role without a narrower one beside it can give it', () => {
  for (const role of defaultRoles('main')) assert.equal(firstUncovered([{ role }], [{ role }], 0), undefined, role.name)
  const [owner, admin, developer, operator, auditor, opener, viewer] = defaultRoles('main')
  assert.ok(owner && admin && developer && operator && auditor && opener && viewer)
  const may = (from: typeof owner, to: typeof owner) => covers([{ role: from }], [{ role: to }], 0)
  for (const role of [admin, developer, operator, auditor, opener, viewer]) assert.ok(may(owner, role), role.name)
  for (const role of [developer, auditor, viewer]) assert.ok(may(admin, role), role.name)
  assert.ok(!may(admin, owner))
  assert.equal(firstUncovered([{ role: admin }], [{ role: operator }], 0), 'open on main/*/*')
  assert.ok(!covers([{ role: owner, expires: 10 }], [{ role: viewer }], 0))
  assert.ok(covers([{ role: owner, expires: 10 }], [{ role: viewer, expires: 10 }], 0))
})

test('losing a denial is a gain', () => {
  const [owner, admin] = defaultRoles('main')
  assert.ok(owner && admin)
  assert.ok(!covers([{ role: admin }], [{ role: deniedByRole(admin) }], 0))
  assert.ok(covers([{ role: owner }], [{ role: deniedByRole(admin) }], 0))
  const softened = { ...admin, statements: admin.statements.slice(0, 1) }
  assert.ok(!covers([{ role: admin }], [{ role: gainedByEdit(admin, softened) }], 0))
  assert.ok(covers([{ role: admin }], [{ role: gainedByEdit(softened, admin) }], 0))
})

test('globs cover and meet each other as the names they stand for do', () => {
  const name = fc.array(fc.constantFrom('a', 'b', '*'), { maxLength: 5 }).map((letters) => letters.join('').replaceAll(/\*+/g, '*'))
  const words = allWords(6)
  fc.assert(
    fc.property(name, name, (one, other) => {
      const both = words.filter((word) => globMatches(one, word) && globMatches(other, word))
      if (globCovers(one, other)) assert.ok(words.every((word) => !globMatches(other, word) || globMatches(one, word)))
      if (both.length > 0) assert.ok(globsMeet(one, other))
      if (one.length + other.length <= 6) assert.equal(globsMeet(one, other), both.length > 0, `${one} ${other}`)
    }),
    { numRuns: Math.ceil(numRuns / 10) },
  )
})

test('every mistake of a role is named with its place and what to write instead', () => {
  const result = parseRole({
    name: 'Release Managers',
    description: '',
    statements: [
      { effect: 'allow', permissions: ['fly' as Permission], environments: ['main/shop', 'main/**/x'] },
      { effect: 'deny', permissions: ['read'], environments: ['main/shop/*'], patterns: ['(?=look)'] },
    ],
  })
  assert.ok(!result.ok)
  assert.deepEqual(
    result.problem.diagnostics?.map(({ path }) => path),
    ['name', 'statements[0].permissions[0]', 'statements[0].environments[0]', 'statements[0].environments[1]', 'statements[1].patterns[0]'],
  )
})

/** Every word of the letters a and b up to a length, the empty one too. */
function allWords(longest: number): string[] {
  let words = ['']
  for (let n = 0; n < longest; n++) words = [...new Set(words.flatMap((word) => [word, `${word}a`, `${word}b`]))]
  return words
}
