import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Secret } from '@headgate/model'
import {
  type MigrationOptions,
  type MigrationPlan,
  canApply,
  compareMigration,
  planMigration,
  planToJson,
  plannedValues,
  readDotenv,
} from '@headgate/scan'
import fc from 'fast-check'
import { dotenvText } from './dotenv-text.ts'
import { runs } from './runs.ts'

function plan(files: Record<string, string>, options: Partial<MigrationOptions> = {}): MigrationPlan {
  return planMigration(
    Object.entries(files).map(([name, text]) => ({ name, text })),
    { project: 'shop', ...options },
  )
}

/** Which environment each file went into, `-` for none. */
function targets(files: readonly string[], options: Partial<MigrationOptions> = {}): Record<string, string> {
  const made = plan(Object.fromEntries(files.map((name) => [name, 'A=1'])), options)
  return Object.fromEntries([
    ...made.environments.flatMap(({ environment, sources }) => sources.map((name) => [name, environment])),
    ...made.leftOut.map(({ file }) => [file, '-']),
  ])
}

test('a file becomes the environment its name speaks of', () => {
  const names = [
    '.env',
    '.env.dev',
    '.env.development',
    '.env.prod',
    '.env.production',
    '.env.staging',
    '.env.stage',
    '.env.qa',
    'eu.env',
    'a/b/.env.test',
  ]
  assert.deepEqual(targets(names), {
    '.env': 'dev',
    '.env.dev': 'dev',
    '.env.development': 'dev',
    '.env.prod': 'production',
    '.env.production': 'production',
    '.env.staging': 'staging',
    '.env.stage': 'staging',
    '.env.qa': 'qa',
    'eu.env': 'eu',
    'a/b/.env.test': 'test',
  })
})

test("templates, one machine's own settings and key files are left out", () => {
  const names = [
    '.env',
    '.env.example',
    '.env.sample',
    '.env.production.example',
    '.env.local',
    '.env.production.local',
    '.env.keys',
    '.env.vault',
  ]
  assert.deepEqual(Object.values(targets(names)), ['dev', '-', '-', '-', '-', '-', '-', '-'])
})

test('a template or a local file is taken where it is the only one, or named by hand', () => {
  assert.deepEqual(targets(['.env.example']), { '.env.example': 'dev' })
  assert.deepEqual(targets(['.env.local']), { '.env.local': 'dev' })
  assert.deepEqual(targets(['.env.production.local']), { '.env.production.local': 'production' })
  assert.deepEqual(targets(['.env', '.env.local'], { environments: { '.env.local': 'mine', '.env': null } }), {
    '.env.local': 'mine',
    '.env': '-',
  })
})

test('a single file goes where it is told; several cannot all go to one place', () => {
  assert.deepEqual(targets(['.env.production'], { environment: 'blue' }), { '.env.production': 'blue' })
  const several = plan({ '.env': 'A=1', '.env.qa': 'A=2' }, { environment: 'blue' })
  assert.equal(canApply(several), false)
  assert.ok(several.diagnostics.some(({ code }) => code === 'MIGRATION_TARGET_INVALID'))
})

test('a name that no environment can have is refused, and its lines are still listed', () => {
  const made = plan({ '.env.ünï': 'A=1\nB=2\n' })
  assert.equal(canApply(made), false)
  assert.deepEqual(
    made.leftOut[0]?.entries.map(({ key }) => key),
    ['A', 'B'],
  )
  assert.equal(canApply(plan({ '.env': 'A=1' }, { project: 'no/such' })), false)
})

test('of files that become one environment the more specific wins, and what loses says so', () => {
  const made = plan({ '.env.development': 'A=specific\n', '.env': 'A=general\nB=2\n' })
  assert.deepEqual(outcomes(made), ['.env A not-taken overridden', '.env B plain', '.env.development A plain'])
  assert.match(made.environments[0]!.entries[0]!.reasons[0]!.text, /line 1 of \.env\.development/)
})

test('a value that may hold anything is not shown, whatever else it is left for', () => {
  const made = plan({ '.env.example': 'Q "open\nC="open', '.env': 'A="open\nA=1\nB.C=$(id)\n' })
  const entries = [...made.environments, ...made.leftOut].flatMap((part) => part.entries)
  const shown = entries.filter(({ confidential }) => !confidential).map(({ key }) => key)
  assert.deepEqual(shown, ['A'])
})

function outcomes(made: MigrationPlan): string[] {
  const entries = [...made.environments, ...made.leftOut].flatMap((part) => part.entries)
  return entries.map(({ file, key, outcome, cause }) => [file, key, outcome, cause].filter(Boolean).join(' '))
}

test('what cannot be taken over says why, and nothing is left unsaid', () => {
  const text = 'A.B=1\nC="open\nD=a\0b\nE=$(id)\nF=encrypted:abc\nG=1\nG=2\njust words\nH=ok\n'
  assert.deepEqual(outcomes(plan({ '.env': text })), [
    '.env A.B not-taken name',
    '.env C not-taken open-quote',
    '.env D not-taken nul',
    '.env E not-taken command',
    '.env F not-taken encrypted',
    '.env G not-taken overridden',
    '.env G plain',
    '.env @line:8 not-taken broken-line',
    '.env H plain',
  ])
})

test('an earlier value never comes back because the last one cannot be taken', () => {
  const made = plan({ '.env': 'TOKEN=q8Zr1vXw77aaLo09\nTOKEN=$(fetch)\n' })
  assert.deepEqual(outcomes(made), ['.env TOKEN not-taken overridden', '.env TOKEN not-taken command'])
  assert.equal(plannedValues(made.environments[0]!).size, 0)
})

test('placeholders stay out of production, come in elsewhere, and can be told to do either', () => {
  const files = { '.env': 'API_KEY=your-key\n', '.env.production': 'API_KEY=your-key\n' }
  const taken = (made: MigrationPlan) => made.environments.map(({ entries }) => `${entries[0]!.outcome} ${entries[0]!.placeholder}`)
  assert.deepEqual(taken(plan(files)), ['secret true', 'not-taken true'])
  assert.deepEqual(taken(plan(files, { placeholders: 'import' })), ['secret true', 'secret true'])
  assert.deepEqual(taken(plan(files, { placeholders: 'block' })), ['not-taken true', 'not-taken true'])
})

test('every assignment and every broken line of any text is in the plan exactly once', () => {
  fc.assert(
    fc.property(dotenvText, dotenvText, (one, other) => {
      const files = { '.env': one, '.env.production': other, '.env.example': one }
      for (const options of [{}, { references: 'link', placeholders: 'block', base: 'common' }] as const) {
        const made = plan(files, options)
        const wanted = Object.entries(files).flatMap(([name, text]) =>
          readDotenv(text).items.flatMap((item) =>
            item.kind === 'assignment'
              ? [`${name} ${item.range.begin.byte}`]
              : item.kind === 'broken'
                ? [`${name} ${item.range.begin.byte}`]
                : [],
          ),
        )
        const found = [...made.environments, ...made.leftOut].flatMap(({ entries }) =>
          entries.map(({ file, range }) => `${file} ${range.begin.byte}`),
        )
        assert.deepEqual(found.toSorted(), wanted.toSorted())
      }
    }),
    runs(400, 50_000),
  )
})

test('the text keeps comments, order and blank lines, quotes every value and seals every secret', () => {
  const text = '# About\n\n# the host\nHOST=localhost # where\nDB_PASSWORD=q8Zr1vXw\n#OLD=1\nPORT=5432\n'
  assert.equal(
    plan({ '.env': text }).environments[0]!.text.reveal(),
    [
      'values:',
      '  environmentVariables:',
      '    # About',
      '',
      '    # the host',
      '    HOST: "localhost" # where',
      '    DB_PASSWORD:',
      '      fn::secret: "q8Zr1vXw"',
      '    # OLD=1',
      '    PORT: "5432"',
      '',
    ].join('\n'),
  )
})

test('a secret whose $ would change its meaning when it is sealed is written so that it does not', () => {
  const text = plan({ '.env': "A_PASSWORD='a$$b'\nB_PASSWORD='a$b'\nC='a$${d}'\n" }).environments[0]!.text.reveal()
  assert.match(text, /A_PASSWORD:\n {6}fn::fromJSON:\n {8}fn::secret: "\\"a\\\\u0024\\\\u0024b\\""/)
  assert.match(text, /B_PASSWORD:\n {6}fn::secret: "a\$b"/)
  assert.match(text, /C: "a\$\$\$\$\{d\}"/)
})

test('what looks like a secret in a comment stays behind', () => {
  const token = ['gh', 'p_', 'aB3d'.repeat(9)].join('')
  const text = plan({
    '.env': `# use ${token}\n#DB_PASSWORD=q8Zr1vXw55\n#API_KEY=your-key\nPASS=abc#tail\nA=1 # was ${token}\n`,
  }).environments[0]!.text.reveal()
  for (const secret of [token, 'q8Zr1vXw55', 'tail']) assert.ok(!text.includes(secret), text)
  assert.match(text, /# use \[left out: a GitHub token\]/)
  assert.match(text, /# DB_PASSWORD=\[left out: it looks like a secret\]/)
  assert.match(text, /# API_KEY=your-key/)
})

test('linked references follow variables of the same environment only, and a secret behind one makes a secret', () => {
  const text =
    "HOST=db\nPASSWORD=q8Zr1vXw\nURL=x://${HOST}:${PORT}/$HOST\nLOGIN=me:${PASSWORD}\nKEPT='${HOST}'\nROUND=${TRIP}\nTRIP=${ROUND}\nMY_TOKEN=t-${HOST}\n"
  const { entries, text: document } = plan({ '.env': text }, { references: 'link' }).environments[0]!
  const value = (key: string) => entries.find((entry) => entry.key === key)
  assert.equal(value('URL')?.value.reveal(), 'x://db:${PORT}/$HOST')
  assert.deepEqual(value('URL')?.links, ['HOST'])
  assert.equal(value('LOGIN')?.outcome, 'secret')
  assert.equal(value('KEPT')?.value.reveal(), '${HOST}')
  assert.equal(value('MY_TOKEN')?.value.reveal(), 't-db')
  assert.match(document.reveal(), /URL: "x:\/\/\$\{environmentVariables\.HOST\}:\$\$\{PORT\}\/\$HOST"/)
  assert.match(document.reveal(), /MY_TOKEN:\n {6}fn::secret: "t-db"/)
})

test('with a base, the other environments import it', () => {
  const made = plan({ '.env': 'A=1', '.env.production': 'B=2' }, { base: 'common' })
  assert.deepEqual(
    made.environments.map(({ environment, imports }) => [environment, imports]),
    [
      ['common', []],
      ['production', ['shop/common']],
    ],
  )
  assert.match(made.environments[1]!.text.reveal(), /^imports:\n {2}- "shop\/common"\nvalues:/)
})

test('against what is there, the plan says what is new, changed and the same, and keeps what no file mentions', () => {
  const text = 'A=1\nB=2\nDB_PASSWORD=q8Zr1vXw\n'
  const before = new Map([
    ['A', { value: '1', secret: false }],
    ['B', { value: 'x', secret: false }],
    ['OLD_KEY', { value: new Secret('o$$p'), secret: true }],
  ])
  const first = plan({ '.env': text }, { existing: new Map([['dev', before]]) })
  assert.deepEqual(
    first.environments[0]!.entries.map(({ change }) => change),
    ['same', 'changed', 'new'],
  )
  assert.equal(first.environments[0]!.change, 'changed')
  assert.deepEqual(
    first.environments[0]!.kept.map(({ key }) => key),
    ['OLD_KEY'],
  )
  const second = plan({ '.env': text }, { existing: new Map([['dev', plannedValues(first.environments[0]!)]]) })
  assert.equal(second.environments[0]!.change, 'same')
})

test('a blocked placeholder does not take away the value that is there', () => {
  const existing = new Map([['production', new Map([['API_KEY', { value: 'real', secret: true }]])]])
  const made = plan({ '.env.production': 'API_KEY=your-key\n' }, { existing })
  assert.equal(plannedValues(made.environments[0]!).get('API_KEY')?.value.reveal(), 'real')
})

test('validation names every variable that is missing, different, exposed, sealed or extra', () => {
  const made = plan({ '.env': 'A=1\nB=2\nC_TOKEN=q8Zr1vXw\nD=4\n', '.env.qa': 'X=1' })
  const actual = new Map([
    [
      'dev',
      new Map([
        ['B', { value: '3', secret: false }],
        ['C_TOKEN', { value: 'q8Zr1vXw', secret: false }],
        ['D', { value: '4', secret: true }],
        ['E', { value: '', secret: false }],
      ]),
    ],
  ])
  const { ok, compared, deviations } = compareMigration(made, actual)
  assert.equal(ok, false)
  assert.equal(compared, 5)
  assert.deepEqual(
    deviations.map(({ environment, key, kind }) => [environment, key, kind].join(' ')),
    ['dev A missing', 'dev B different', 'dev C_TOKEN exposed', 'dev D sealed', 'dev E extra', 'qa  missing-environment'],
  )
  const exact = new Map(made.environments.map((environment) => [environment.environment, plannedValues(environment)]))
  assert.deepEqual(compareMigration(made, exact), { ok: true, compared: 5, deviations: [] })
})

test('no message and no reason holds a value, a default of a reference least of all', () => {
  const secret = 'Zx81QqLmNoPq7734'
  const text = `A=\${B:-${secret}}\nC=$(get ${secret})\nD="${secret}\nE='${secret}' ${secret}\nF=${secret}#${secret}\n${secret} ${secret}\n`
  const made = plan({ '.env': text }, { references: 'link' })
  const said = [made.diagnostics, made.environments.map(({ entries }) => entries.map(({ reasons }) => reasons))]
  assert.ok(!JSON.stringify(said).includes(secret), JSON.stringify(said))
})

test('as JSON a plan shows no secret unless it is asked to, and no broken line either', () => {
  const secret = 'Zx81QqLmNoPq7734'
  const made = plan({ '.env': `DB_PASSWORD=${secret}\nB="${secret}\n${secret} words\nPLAIN=seen\n` })
  for (const text of [JSON.stringify(made), JSON.stringify(planToJson(made))]) assert.ok(!text.includes(secret))
  assert.ok(JSON.stringify(planToJson(made)).includes('seen'))
  const revealed = JSON.stringify(planToJson(made, { secrets: 'revealed' }))
  assert.ok(revealed.includes(secret) && revealed.includes('environmentVariables'))
})
