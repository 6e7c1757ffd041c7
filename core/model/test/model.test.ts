import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  HeadgateError,
  Secret,
  describeError,
  errorCatalogue,
  parseEnvironmentReference,
  renderDiagnostic,
  shortName,
} from '../src/index.ts'
import { compilePattern, globMatches } from '../src/pattern.ts'

test('a secret prints as [secret] wherever a value becomes text', () => {
  const secret = new Secret('plain-for-this-test')
  const seen = [
    `${secret}`,
    String(secret),
    JSON.stringify({ secret }),
    inspect(secret),
    inspect({ deep: [secret] }),
    secret + '',
    Object.keys(secret).join(),
  ]
  for (const text of seen) assert.doesNotMatch(text, /plain-for-this-test/)
  assert.equal(secret.reveal(), 'plain-for-this-test')
})

test('a reference names organisation, project, environment and version, and takes what is left out from the defaults', () => {
  const parse = (text: string) => parseEnvironmentReference(text, { organisation: 'main' })
  assert.deepEqual(parse('dev'), { ok: true, value: { organisation: 'main', project: 'default', environment: 'dev' } })
  assert.deepEqual(parse('shop/dev@7'), { ok: true, value: { organisation: 'main', project: 'shop', environment: 'dev', version: 7 } })
  assert.deepEqual(parse('other/shop/dev@stable'), {
    ok: true,
    value: { organisation: 'other', project: 'shop', environment: 'dev', version: 'stable' },
  })
  for (const text of ['', 'a/b/c/d', 'a//b', 'a@', 'a@0', 'a@01', 'a@1@2', 'a b', '../x', './x', 'a@9x', 'ä']) {
    assert.equal(parse(text).ok, false, text)
  }
})

test('a reference written out and read again is the same', () => {
  const name = fc.stringMatching(/^[A-Za-z0-9_.-]{1,20}$/).filter((text) => text !== '.' && text !== '..')
  const version = fc.oneof(fc.integer({ min: 1, max: 1e9 }), fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_.-]{0,10}$/))
  fc.assert(
    fc.property(name, name, fc.option(version, { nil: undefined }), (project, environment, v) => {
      const reference = { organisation: 'main', project, environment, ...(v === undefined ? {} : { version: v }) }
      assert.deepEqual(parseEnvironmentReference(shortName(reference), { organisation: 'main' }), { ok: true, value: reference })
    }),
  )
})

test('a diagnostic points at its place with the line underlined', () => {
  const range = { file: 'shop/prod', begin: { line: 2, column: 5, byte: 12 }, end: { line: 2, column: 14, byte: 21 } }
  const text = renderDiagnostic({ severity: 'error', code: 'X', message: 'no', range, hint: 'do so' }, 'imports:\n  - shared/db\n')
  assert.equal(text, 'error X  no\n  --> shop/prod:2:5\n2 |   - shared/db\n  |     ^^^^^^^^^\n  try: do so')
})

test('every place in a catalogue message is a plain word, and every status is an HTTP status', () => {
  for (const [code, entry] of Object.entries(errorCatalogue)) {
    assert.match(code, /^[A-Z]+(_[A-Z0-9]+)*$/)
    assert.ok(entry.status >= 400 && entry.status < 600, code)
    assert.doesNotMatch(entry.message, /\.$/, `${code}: no full stop`)
  }
  assert.equal(describeError('ENV_NOT_FOUND', { environment: 'shop/dev' }).message, 'there is no environment shop/dev')
  assert.equal(new HeadgateError('ENV_NOT_FOUND', { environment: 'shop/dev' }).code, 'ENV_NOT_FOUND')
})

test('a star in a glob stays within its segment', () => {
  assert.ok(globMatches('main/*/production', 'main/shop/production'))
  assert.ok(globMatches('main/sh*/p*d*n', 'main/shop/production'))
  assert.ok(!globMatches('main/*', 'main/shop/production'))
  assert.ok(!globMatches('*', 'main/shop/production'))
  assert.ok(!globMatches('main/*/ab*ba', 'main/x/aba'))
})

test('a hostile pattern answers in time, and one that cannot is refused', () => {
  const evil = compilePattern('(a+)+$')
  assert.ok(evil.ok && !evil.value.matches(`${'a'.repeat(5_000)}b`))
  for (const source of ['(?=a)', '(a)\\1', '[', 'a{2001}']) assert.equal(compilePattern(source).ok, false, source)
})
