import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planMigration, renderPlan } from '@headgate/scan'
import fc from 'fast-check'
import { dotenvText } from './dotenv-text.ts'
import { runs } from './runs.ts'

const FILES = [
  { name: '.env', text: 'HOST=localhost\nDB_PASSWORD=q8Zr1vXw77aaLo09\nAPI_KEY=your-key\nRUN=$(id)\n' },
  { name: '.env.production', text: 'API_KEY=your-key\n' },
  { name: '.env.example', text: 'API_KEY=\n' },
]

test('a plan is a table for each environment and file, with a line that adds it up', () => {
  assert.equal(
    renderPlan(planMigration(FILES, { project: 'shop' }), { width: 120 }),
    [
      'shop/dev from .env (new)',
      '  HOST         plain                 localhost',
      '  DB_PASSWORD  secret                •••••• (16)  the name says a password',
      '  API_KEY      secret (placeholder)  •••••• (8)   the name says a key; it says "your …"',
      '  RUN          not taken             •••••• (5)   RUN asks a shell to run a command, which is never done here',
      '',
      'shop/production from .env.production (new)',
      '  API_KEY  not taken (placeholder)  •••••• (8)  a placeholder is not taken into production; the name says a key; it say…',
      '',
      '.env.example is left out: it is a template, which no program runs with',
      '  API_KEY  not taken  (empty)  the file is left out: it is a template, which no program runs with; the name says a key',
      '',
      '3 files into 2 environments: 3 taken, 2 secrets, 2 placeholders (1 of them not taken), 3 not taken',
      '',
    ].join('\n'),
  )
})

test('no line is wider than the terminal, no value moves the cursor, and no secret shows', () => {
  fc.assert(
    fc.property(dotenvText, fc.integer({ min: 60, max: 200 }), (text, width) => {
      const shown = renderPlan(planMigration([{ name: '.env', text: `${text}\nDB_PASSWORD=Zx81QqLmNoPq7734\n` }], { project: 'shop' }), {
        width,
      })
      assert.doesNotMatch(shown, /[\u{0}-\u{9}\u{b}-\u{1f}\u{7f}-\u{9f}\u{2028}\u{2029}]/u)
      for (const line of shown.split('\n').slice(1, -3)) assert.ok(Array.from(line).length <= Math.max(width, 120), line)
      assert.ok(!shown.includes('Zx81QqLmNoPq7734') || text.includes('Zx81'))
    }),
    runs(200, 20_000),
  )
})

test('colour is used only where it is asked for', () => {
  const plan = planMigration(FILES, { project: 'shop' })
  assert.ok(!renderPlan(plan).includes('\u{1b}'))
  assert.match(renderPlan(plan, { color: true }), /\u{1b}\[31m {2}RUN/u)
})
