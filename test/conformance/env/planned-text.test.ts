import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { load, open, toPlain } from '@headgate/lang'
import { type MigrationOptions, type PlannedEnvironment, planMigration, plannedValues } from '@headgate/scan'
import fc from 'fast-check'
import { leaveOut } from '../../left-out.ts'
import { seed, times } from '../../proving.ts'
import { sharedFolder } from '../../shared-folder.ts'

interface Opened {
  readonly values: Map<string, string>
  readonly secrets: Set<string>
}

/** Opens a planned text as the plane would, imports of its own plan included. */
async function openPlanned(environment: PlannedEnvironment, texts: ReadonlyMap<string, string>): Promise<Opened> {
  const name = `${environment.project}/${environment.environment}`
  const loaded = load(name, environment.text.reveal())
  assert.deepEqual(loaded.diagnostics, [])
  assert.ok(loaded.document)
  const imports = { load: async (imported: string) => ({ source: texts.get(imported) ?? '' }) }
  const opened = await open(loaded.document, { imports })
  assert.deepEqual(opened.diagnostics, [])
  assert.ok(opened.environment)
  const plain = variables(toPlain(opened.environment, { redact: false }))
  const redacted = variables(toPlain(opened.environment, { redact: true }))
  // Something in the values may read `[secret]`; then the flag cannot be seen this way, and is left out.
  const secrets = [...redacted].filter(([key, value]) => value === '[secret]' && plain.get(key) !== '[secret]').map(([key]) => key)
  return { values: plain, secrets: new Set(secrets) }
}

function variables(root: unknown): Map<string, string> {
  assert.ok(root instanceof Map)
  const found: unknown = root.get('environmentVariables')
  assert.ok(found instanceof Map)
  for (const value of found.values()) assert.equal(typeof value, 'string')
  return found as Map<string, string>
}

async function assertOpensAsPlanned(
  files: readonly { name: string; text: string | Uint8Array }[],
  options: MigrationOptions,
): Promise<void> {
  const plan = planMigration(files, options)
  const texts = new Map(plan.environments.map(({ project, environment, text }) => [`${project}/${environment}`, text.reveal()]))
  for (const environment of plan.environments) {
    const planned = plannedValues(environment)
    const opened = await openPlanned(environment, texts)
    for (const [key, { value, secret }] of planned) {
      assert.equal(opened.values.get(key), value.reveal(), key)
      if (value.reveal() !== '[secret]') assert.equal(opened.secrets.has(key), secret, `${key} is ${secret ? '' : 'not '}secret`)
    }
    const inherited = environment.imports.length > 0 ? [] : [...opened.values.keys()].filter((key) => !planned.has(key))
    assert.deepEqual(inherited, [])
  }
}

const corpus = sharedFolder('env-corpus')

for (const references of ['literal', 'link'] as const) {
  test(`every file of the corpus opens as planned, references ${references}`, async (context) => {
    if (corpus === undefined) return leaveOut('the corpus of .env files', 'no shared data', context)
    for (const file of readdirSync(corpus).filter((entry) => entry.endsWith('.env'))) {
      await assertOpensAsPlanned([{ name: file, text: readFileSync(join(corpus, file)) }], {
        project: 'corpus',
        references,
        placeholders: 'import',
      })
    }
  })
}

const name = fc.constantFrom('A', 'B', 'DB_PASSWORD', 'API_TOKEN', 'TRUE', 'null', 'no', 'DATABASE_URL', 'imports', 'context', 'Y')
const awkward = fc.constantFrom(
  '${A}',
  '${DB_PASSWORD}',
  '$A',
  '$$',
  '$',
  '${',
  '}',
  ': ',
  ' #',
  '#',
  "'",
  '\\',
  '\\n',
  '\n',
  '\t',
  ' ',
  '- ',
  '%',
  '@',
  '!',
  '&',
  '*',
  '|',
  '>',
  '"',
  '{',
  '[',
  '~',
  '\u{85}',
  '\u{2028}',
  '\u{7f}',
  '\u{1b}',
  '\u{fffe}',
  '\u{feff}',
  'é',
  '😀',
  'null',
  '0123',
  '1e3',
  '[secret]',
)
const value = fc
  .array(fc.oneof({ weight: 4, arbitrary: awkward }, fc.string({ unit: 'binary', maxLength: 4 })), { maxLength: 12 })
  .map((parts) => parts.join(''))
const line = fc.tuple(name, value, fc.constantFrom('', '"', "'", '`'), fc.constantFrom('', ' # said', '\n# above'))
const file = fc
  .array(line, { maxLength: 8 })
  .map((lines) => lines.map(([key, text, mark, after]) => `${key}=${mark}${text}${mark}${after}`).join('\n'))

test('whatever a file holds, opening the planned text gives the planned values', async () => {
  await fc.assert(
    fc.asyncProperty(
      file,
      file,
      fc.constantFrom<'literal' | 'link'>('literal', 'link'),
      fc.boolean(),
      async (one, other, references, shared) => {
        const files = [
          { name: '.env', text: one },
          { name: '.env.production', text: other },
        ]
        await assertOpensAsPlanned(files, { project: 'shop', references, placeholders: 'import', ...(shared ? { base: 'common' } : {}) })
      },
    ),
    { seed, numRuns: times({ short: 500, long: 100_000 }) },
  )
})

test('what the environment held before is kept, with every byte of it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.constantFrom('OLD_ONE', 'OLD_TWO', 'A'), value), fc.boolean(), async (old, secret) => {
      const text = [...Object.values(old)].every((kept) => kept.isWellFormed() && !kept.includes('\0'))
      fc.pre(text)
      const existing = new Map([['dev', new Map(Object.entries(old).map(([key, kept]) => [key, { value: kept, secret }]))]])
      await assertOpensAsPlanned([{ name: '.env', text: 'A=1\n' }], { project: 'shop', existing })
    }),
    { seed, numRuns: times({ short: 150, long: 20_000 }) },
  )
})
