import assert from 'node:assert/strict'
import { cpSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { judgeFolder } from '../env.ts'
import { leaveOut } from '../../left-out.ts'
import { sharedFolder } from '../../shared-folder.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { DEVIATION_RULES } from './deviation-rules.ts'
import { renderVerdict } from './render-verdict.ts'

const corpus = sharedFolder('env-corpus')

test('every file of the corpus is read as npm dotenv reads it', (context) => {
  if (corpus === undefined) return leaveOut('the corpus of .env files', 'no shared data', context)
  for (const verdict of judgeFolder(corpus)) assert.ok(verdict.passed, renderVerdict(verdict))
})

/** The stored texts have none of these, and npm dotenv reads every one of them like the original. */
const VARIANTS: Readonly<Record<string, (text: string) => string>> = {
  'with a byte order mark': (text) => `\u{feff}${text}`,
  'with CRLF': (text) => text.replaceAll('\n', '\r\n'),
  'with lone carriage returns': (text) => text.replaceAll('\n', '\r'),
  'with a byte order mark and CRLF': (text) => `\u{feff}${text.replaceAll('\n', '\r\n')}`,
  'with line ends of all kinds': (text) => {
    let count = 0
    return text.replace(/\n/g, () => ['\n', '\r\n', '\r'][count++ % 3]!)
  },
}

for (const [sentence, change] of Object.entries(VARIANTS)) {
  test(`the corpus ${sentence} is read like the original`, (context) => {
    if (corpus === undefined) return leaveOut('the corpus of .env files', 'no shared data', context)
    const folder = temporaryFolder(context)
    for (const name of readdirSync(corpus)) {
      if (name.endsWith('.readers.json')) cpSync(join(corpus, name), join(folder, name))
      if (name.endsWith('.env')) writeFileSync(join(folder, name), change(readFileSync(join(corpus, name), 'utf8')))
    }
    for (const verdict of judgeFolder(folder)) assert.ok(verdict.passed, renderVerdict(verdict))
  })
}

test('a difference that no rule explains fails the file and is shown', (context) => {
  const folder = temporaryFolder(context)
  writeFileSync(join(folder, 'a.env'), 'A=1\n__proto__=2\nB=3\n')
  writeFileSync(join(folder, 'a.readers.json'), JSON.stringify({ dotenv: { A: '1', B: 'x', C: '' } }))
  writeFileSync(join(folder, 'b.env'), 'A=1\n')
  const [a, b] = judgeFolder(folder)
  assert.deepEqual([a?.passed, b?.passed], [false, false])
  assert.deepEqual(a?.byRule, new Map([['prototype-name', 1]]))
  assert.ok(a && b)
  const shown = renderVerdict(a)
  assert.match(shown, /FAIL a\.env \(3 variables, 1 by the rule prototype-name\)/)
  assert.match(shown, /B \(line 3\)\n +npm dotenv {2}"x"\n +headgate {4}"3"/)
  assert.match(shown, /C\n +npm dotenv {2}""\n +headgate {4}no such variable/)
  assert.match(renderVerdict(b), /there is no b\.readers\.json/)
})

test('every rule by which a difference is forgiven is described in the reference', () => {
  const reference = readFileSync(new URL('../../../docs/reference/dotenv.md', import.meta.url), 'utf8')
  for (const { name } of DEVIATION_RULES) assert.ok(reference.includes(`| \`${name}\` |`), name)
})
