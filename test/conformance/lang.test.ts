import assert from 'node:assert/strict'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { sharedFolder } from '../shared-folder.ts'
import { type Json, parseJson } from '@headgate/lang'
import { runEvaluationCase } from './lang/evaluation-case.ts'
import { falsify } from './lang/falsify.ts'
import { type CaseResult, compareOutcome, runSuite } from './lang/suite.ts'

const folder = sharedFolder('esc-conformance')
const skip = folder === undefined && 'the shared folder is not on this machine'

async function results(suite: string): Promise<CaseResult[]> {
  const all: CaseResult[] = []
  for await (const result of runSuite(suite)) all.push(result)
  return all
}

test('every shared case of the language passes, in all modes, to the last position', { skip }, async () => {
  const all = await results(folder as string)
  assert.deepEqual(
    all.filter(({ failure }) => failure !== undefined),
    [],
  )
  assert.ok(all.filter(({ name }) => name.startsWith('eval/')).length >= 185)
  assert.ok(all.filter(({ name }) => name.startsWith('crypt/')).length >= 3)
})

/** What is changed in an `expected.json`, and what the failure has to name. */
const FALSIFIED: readonly (readonly [string, string, string, RegExp])[] = [
  ['imports', '"line": 3', '"line": 4', /begin\.line/],
  ['invalid-join', 'two-valued list', 'list of two', /loadDiags/],
  ['plaintext', '"secret": true', '"secret": false', /secret/],
  ['interp', '"type": "string"', '"type": "number"', /schema/],
  ['rotate', '"DocPath": "values.', '"DocPath": "value.', /rotatePatches/],
]

for (const [name, from, to, named] of FALSIFIED) {
  test(`a falsified expectation turns the case ${name} red and is named`, { skip }, async () => {
    const suite = mkdtempSync(join(tmpdir(), 'headgate-conformance-'))
    try {
      mkdirSync(join(suite, 'eval'))
      cpSync(join(folder as string, 'eval', name), join(suite, 'eval', name), { recursive: true })
      const file = join(suite, 'eval', name, 'expected.json')
      const text = readFileSync(file, 'utf8')
      assert.ok(text.includes(from), `${name} holds ${from}`)
      writeFileSync(file, text.replace(from, to))
      const [result] = await results(suite)
      assert.match(result?.failure ?? 'it passed', named)
    } finally {
      rmSync(suite, { recursive: true })
    }
  })
}

/** Cases with everything that an expectation can hold. */
const RICH = ['rotate', 'builtin-errs', 'interp', 'merge-unknown']

for (const name of RICH) {
  test(`whatever is falsified in the expectation of ${name}, the case turns red`, { skip }, async () => {
    const source = join(folder as string, 'eval', name)
    const found = await runEvaluationCase(source, name)
    const expected: unknown = JSON.parse(readFileSync(join(source, 'expected.json'), 'utf8'))
    const verdict = (data: unknown) => compareOutcome(parseJson(JSON.stringify(data)) as ReadonlyMap<string, Json>, found)
    assert.equal(verdict(expected), undefined)
    const falsified = [...falsify(expected)]
    assert.ok(falsified.length > 50, `only ${falsified.length} ways to falsify were tried`)
    assert.deepEqual(
      falsified.filter(({ data }) => verdict(data) === undefined).map(({ what }) => what),
      [],
    )
  })
}

test('a pair of sealed documents that does not fit turns red', { skip }, async () => {
  const suite = mkdtempSync(join(tmpdir(), 'headgate-conformance-'))
  try {
    cpSync(join(folder as string, 'crypt'), join(suite, 'crypt'), { recursive: true })
    const file = join(suite, 'crypt', 'symbols.ciphertext.yaml')
    writeFileSync(file, readFileSync(file, 'utf8').replace('key-:', 'key+:'))
    const red = (await results(suite)).filter(({ failure }) => failure !== undefined)
    assert.deepEqual(
      red.map(({ name }) => name),
      ['crypt/symbols'],
    )
  } finally {
    rmSync(suite, { recursive: true })
  }
})
