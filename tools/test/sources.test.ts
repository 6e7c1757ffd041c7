import assert from 'node:assert/strict'
import { test } from 'node:test'
import { declarationFindings, pathFindings } from '../checks/names.ts'
import { type Exception, checkSizes } from '../checks/sizes.ts'
import { readFunctions } from '../checks/sources/functions.ts'
import { readGlobals } from '../checks/sources/globals.ts'
import { readImports } from '../checks/sources/imports.ts'
import { parseSource } from '../checks/sources/source.ts'

const source = (text: string, path = 'core/lang/src/sample.ts') => parseSource(path, text)

test('an import is read however it is written, with what it takes and when it is loaded', () => {
  const written = [
    ["import { a, type B } from 'x'", 'static', 'a,B'],
    ["import type { A } from 'x'", 'types', 'A'],
    ["import all, * as rest from 'x'", 'static', 'default,*'],
    ["import 'x'", 'static', ''],
    ["export { a as b } from 'x'", 'static', 'a'],
    ["export type { A } from 'x'", 'types', 'A'],
    ["export * from 'x'", 'static', '*'],
    ["const a = import('x')", 'lazy', '*'],
    ['const a = import(`x`)', 'lazy', '*'],
    ["type A = import('x').A", 'types', '*'],
    ["const a = require('x')", 'lazy', '*'],
    ["const a = import.meta.resolve('x')", 'lazy', '*'],
    ["const a = process.getBuiltinModule('x')", 'lazy', '*'],
    ["const a = new URL('x', import.meta.url)", 'lazy', '*'],
  ]
  for (const [text = '', how, names] of written) {
    assert.deepEqual(
      readImports(source(`\n${text}\n`)).map((each) => [each.specifier, each.how, each.names.join(), each.line]),
      [['x', how, names, 2]],
      text,
    )
  }
  assert.deepEqual(readImports(source("const a = import(b)\n// import 'c'\nconst d = \"import 'e'\"\nnew URL('f', g)\nexport { a }")), [])
})

test('what is taken from the surroundings is found, and a name that only looks like it is not', () => {
  const uses = (text: string): string =>
    readGlobals(source(text))
      .map(({ what }) => what)
      .join()
  assert.equal(
    uses('export const a = [Date.now(), new Date(), Date(), Math.random(), process.env, fetch(a)]'),
    'Date.now,new Date(),Date(),Math.random,process,fetch',
  )
  assert.equal(
    uses('const a = globalThis.process; const b = globalThis.crypto.subtle; const c = crypto?.subtle'),
    'process,crypto.subtle,crypto.subtle',
  )
  assert.equal(uses('const a = { process }; const b = typeof Buffer'), 'process,Buffer')
  assert.equal(
    uses('const a = x.process; const b = { process: 1 }; const c = new Date(0); type T = { fetch: Buffer }; interface I { process: 1 }'),
    '',
  )
  assert.equal(uses('export function f({ a: process }, ...setTimeout) { return process + setTimeout }'), '')
  assert.equal(uses("import { performance } from 'x'; performance.now()"), '')
  assert.equal(uses('const a: typeof process = b'), '')
})

test('a function is as long as its lines, is named by what it is assigned to, and a suite is none', () => {
  const text = `const a = () => {
  return 1
}
class C {
  method() {
    return function inner() {}
  }
}
const o = { key: () =>
  2 }
describe('suite', () => {
  test('x', () => {})
})
function tests(dialect) {
  test(dialect, () => {

  })
}
abstract class D { abstract none(): void }
`
  assert.deepEqual(
    readFunctions(source(text)).map(({ name, line, lines }) => `${name}:${line}:${lines}`),
    ['a:1:3', 'inner:6:1', 'method:5:3', 'key:9:2', '(anonymous):12:1', '(anonymous):15:3'],
  )
})

test('a function over 60 lines and a file over 400 are found, and exceptions only shrink', () => {
  const long = (lines: number): string => `function long() {\n${'  a()\n'.repeat(lines - 2)}}\n`
  const check = (text: string, exceptions: Exception[] = [], path?: string) =>
    checkSizes([source(text, path)], exceptions).map(({ message }) => message)
  const exception = (lines: number): Exception => ({ what: 'core/lang/src/sample.ts#long', lines, why: 'a table' })
  assert.deepEqual(check(long(60)), [])
  assert.match(check(long(61)).join(), /the function long has 61 lines; 60 are the most/)
  assert.deepEqual(check(long(61), [exception(61)]), [])
  assert.match(check(long(62), [exception(61)]).join(), /62 lines; its exception allows 61/)
  assert.match(check(long(61), [exception(70)]).join(), /has shrunk to 61 lines; its exception still allows 70/)
  assert.match(check(long(60), [exception(61)]).join(), /not needed any more/)
  assert.deepEqual(check('a\n'.repeat(400)), [])
  assert.match(check('a\n'.repeat(401)).join(), /the file has 401 lines; 400 are the most/)
  assert.deepEqual(check('a\n'.repeat(500), [], 'core/model/src/errors/general.ts'), [])
})

test('a drawer is found in the name of a file, a folder or a declaration; a service that is a noun is none', () => {
  for (const path of [
    'core/a/src/utils.ts',
    'core/a/src/string-utils.ts',
    'core/a/src/common/x.ts',
    'core/a/src/user-service.ts',
    'core/a/src/api-v2.ts',
    'core/a/src/RetryLoop.ts',
  ]) {
    assert.equal(pathFindings(path).length, 1, path)
  }
  for (const path of [
    'core/a/src/service-status.ts',
    'core/a/src/build-service.ts',
    'core/a/test/kit.test.ts',
    'tools/bootstrap.mjs',
    'core/a/src/value.ts',
  ])
    assert.deepEqual(pathFindings(path), [], path)
  const declared =
    'class RetryManager {}\nfunction stringUtils() {}\ntype ServiceHelper = 1\nfunction longestCommon() {}\ninterface Service {}\n'
  assert.deepEqual(
    declarationFindings(source(declared)).map(({ place }) => place.split(':')[1]),
    ['1', '2', '3'],
  )
})
