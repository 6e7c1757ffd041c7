import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Environment,
  files,
  isVariableName,
  parseJson,
  secretPaths,
  toDotenv,
  toJson,
  toShell,
  toYaml,
  valueAt,
  variables,
} from '@headgate/lang'
import { evaluateText } from './evaluating.ts'

async function environmentOf(text: string): Promise<Environment> {
  const { environment } = await evaluateText(text)
  assert.ok(environment)
  return environment
}

test('names and values no environment can hold are refused', () => {
  for (const name of ['A B', '1A', 'a-b', '', 'x=y', 'A\nB=1']) {
    assert.equal(isVariableName(name), false)
    for (const write of [toShell, toDotenv]) {
      const result = write([{ name, value: 'x', secret: false }])
      assert.ok(!result.ok)
      assert.equal(result.problem.code, 'VARIABLE_NAME_INVALID')
    }
  }
  const nul = toShell([{ name: 'A', value: 'a\0b', secret: false }])
  assert.ok(!nul.ok)
  assert.equal(nul.problem.code, 'VARIABLE_NUL')
})

test('variables and files are the scalars of their sections, with their secrecy', async () => {
  const environment = await environmentOf(`values:
  s: {fn::secret: hush}
  environmentVariables: {B: 1.50, A: "\${s}", C: true, D: null, E: [1], F: {g: 1}, G: "x-\${s}", H: "\${nope}"}
  files: {KUBECONFIG: "a\\nb", N: 7}
`)
  assert.deepEqual(variables(environment), [
    { name: 'A', value: 'hush', secret: true },
    { name: 'B', value: '1.5', secret: false },
    { name: 'C', value: 'true', secret: false },
    { name: 'D', value: '', secret: false },
    { name: 'G', value: 'x-hush', secret: true },
    { name: 'H', value: '[unknown]', secret: false },
  ])
  assert.deepEqual(files(environment), [
    { name: 'KUBECONFIG', value: 'a\nb', secret: false },
    { name: 'N', value: '7', secret: false },
  ])
  assert.deepEqual(secretPaths(environment), ['environmentVariables.A', 'environmentVariables.G', 's'])
})

test('all values come as JSON and YAML, exact and redacted', async () => {
  const environment = await environmentOf(
    'values: {n: 12345678901234567890, f: 0.10, t: "</script>", s: {fn::secret: hush}, l: [1, {a: null}]}\n',
  )
  assert.equal(
    toJson(environment, { redact: true }),
    '{\n  "f": 0.1,\n  "l": [\n    1,\n    {\n      "a": null\n    }\n  ],\n  "n": 12345678901234567890,\n  "s": "[secret]",\n  "t": "\\u003c/script\\u003e"\n}\n',
  )
  assert.equal(
    toYaml(environment, { redact: false }),
    'f: 0.1\nl:\n    - 1\n    - a: null\n"n": 12345678901234567890\ns: hush\nt: </script>\n',
  )
  assert.deepEqual(parseJson(toJson(environment, { redact: false })), parseJson(toJson(environment, { redact: false })))
})

test('a value is found by its path, inherited ones too', async () => {
  const { environment } = await evaluateText('imports: [b]\nvalues: {o: {"k k": [1, {x: {fn::secret: s}}]}}\n', {
    texts: { b: 'values: {o: {base: 7}}\n' },
  })
  assert.ok(environment)
  const found = valueAt(environment, 'o["k k"][1].x')
  assert.ok(found.ok)
  assert.equal(found.value.secret, true)
  assert.equal(found.value.text, 's')
  assert.equal(JSON.stringify(found.value), '"[secret]"')
  const inherited = valueAt(environment, 'o.base')
  assert.ok(inherited.ok)
  assert.equal(JSON.stringify(inherited.value), '7')
  const missing = valueAt(environment, 'o.nope')
  assert.ok(!missing.ok)
  assert.equal(missing.problem.code, 'PATH_NOT_FOUND')
})
