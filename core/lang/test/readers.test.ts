import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseEnv } from 'node:util'
import { parse as parseYaml } from 'yaml'
import { toDotenv, toJson, toShell, toYaml } from '@headgate/lang'
import { dotenvValues, readDotenv } from '@headgate/scan'
import { evaluateText } from './evaluating.ts'

/** Values that somebody's reader takes for something else. */
const HOSTILE = [
  "it's",
  'say "hi"',
  '$HOME $(touch ran) `touch ran`',
  'back\\slash',
  'two\nlines',
  '\n\nlines around\n',
  'tab\there',
  ' lead and trail ',
  '',
  '#not a comment',
  'a # b',
  'a=b',
  '!history',
  '*',
  '~',
  'é 東京 😀',
  ';touch ran',
  '&& touch ran',
  '| touch ran',
  '> ran',
  '-n',
  '"',
  "'",
  'export A=1',
  '%s\\n',
  '{a,b}',
  '[x]*?',
  "it's\ntwo lines",
  '{{ template }}',
  '- item',
  'key: value',
  '12:30',
  '1_000',
  'yes',
  'null',
  '0x1F',
  '.inf',
  '<<',
  '=',
  '@at',
  '%',
  '| block',
  '? key',
  '\u2028\u0085\u00a0\ufeff',
  '\u0007\u001b[31m',
  '---',
  '...',
]

/** Values no form of a `.env` line gives to all readers; a shell reads them all but those with a carriage return. */
const WITHOUT_A_FORM = ['mix \' " $x `touch ran` \\ \n end', '\r', '${VAR}', "it's $(touch ran)", 'ends in \\', "`touch ran`'"]

const inShell = (values: readonly string[], text: string) => `${text}${values.map((_, i) => `printf '%s\\0' "$V${i}"`).join('\n')}\n`

/** Runs something in an empty folder and says whether the folder is still empty. */
function runApart(
  command: string,
  args: readonly string[],
  input = '',
): { readonly stdout: string; readonly stderr: string; readonly ran: boolean } {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-exports-'))
  try {
    const options = { encoding: 'utf8', cwd: folder, input, env: { HOME: '/nowhere', PATH: process.env['PATH'] } } as const
    const { stdout, stderr } = spawnSync(command, args, options)
    return { stdout, stderr, ran: readdirSync(folder).length > 0 }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const has = (command: string, ...args: readonly string[]): boolean => spawnSync(command, args, { stdio: 'ignore' }).status === 0

function variablesOf(values: readonly string[]) {
  return values.map((value, i) => ({ name: `V${i}`, value, secret: false }))
}

for (const shell of ['sh', 'bash', 'dash', 'zsh', 'ksh']) {
  const skip = !has(shell, '-c', ':') && `there is no ${shell} here`
  test(`${shell} reads every exported value as it was, and runs nothing`, { skip }, () => {
    const values = [...HOSTILE, ...WITHOUT_A_FORM]
    const text = toShell(variablesOf(values))
    assert.ok(text.ok)
    const { stdout, stderr, ran } = runApart(shell, ['-c', inShell(values, text.value)])
    assert.equal(stderr, '')
    assert.equal(ran, false)
    assert.deepEqual(stdout.split('\0').slice(0, -1), values)
  })
}

test('a shell that reads the .env lines runs nothing either, and reads them as they were', () => {
  const values = [...HOSTILE, ...WITHOUT_A_FORM.filter((value) => !value.includes('\r'))]
  const text = toDotenv(variablesOf(values))
  assert.ok(text.ok)
  const { stdout, ran } = runApart('sh', ['-c', inShell(values, text.value)])
  assert.equal(ran, false)
  assert.deepEqual(stdout.split('\0').slice(0, -1), values)
})

test('the readers of .env lines in Node read every value that has a form for all as it was', () => {
  const text = toDotenv(variablesOf(HOSTILE))
  assert.ok(text.ok)
  const dotenv = dotenvValues(readDotenv(text.value))
  const node = parseEnv(text.value)
  for (const [i, value] of HOSTILE.entries()) {
    assert.equal(dotenv.get(`V${i}`), value, `dotenv, ${JSON.stringify(value)}`)
    assert.equal(node[`V${i}`], value, `Node, ${JSON.stringify(value)}`)
  }
})

const PYTHON_DOTENV = `import io, json, sys, dotenv
print(json.dumps(dotenv.dotenv_values(stream=io.StringIO(sys.stdin.buffer.read().decode('utf-8'), newline=''))))`
const noDotenv = !has('python3', '-c', 'import dotenv') && 'there is no python-dotenv here'

test('python-dotenv reads every value that has a form for all as it was', { skip: noDotenv }, () => {
  const text = toDotenv(variablesOf(HOSTILE))
  assert.ok(text.ok)
  const { stdout, stderr } = runApart('python3', ['-c', PYTHON_DOTENV], text.value)
  const read = JSON.parse(stdout || `"${stderr}"`) as Record<string, string>
  for (const [i, value] of HOSTILE.entries()) assert.equal(read[`V${i}`], value, JSON.stringify(value))
})

/** An environment whose keys and values are all the hostile texts. */
async function hostileEnvironment() {
  const texts = [...HOSTILE, ...WITHOUT_A_FORM]
  const data = Object.fromEntries(texts.map((text, i) => [`k${i} ${text}`, [text, { [text === '' ? 'empty' : text]: text }]]))
  const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  const source = JSON.stringify({ values: { data } })
    .replaceAll('$', '$$$$')
    .replace(/[\u007f-\u00a0\u2028\ufeff]/g, escaped)
  const { environment, messages } = await evaluateText(source)
  assert.ok(environment)
  assert.deepEqual(messages, [])
  return { environment, data }
}

const PYTHON_YAML = `import json, sys, yaml
print(json.dumps(yaml.safe_load(sys.stdin.buffer.read().decode('utf-8'))))`
const noYaml = !has('python3', '-c', 'import yaml') && 'there is no PyYAML here'

test('readers of YAML 1.1 and 1.2 read exported YAML as it was, keys included', { skip: noYaml }, async () => {
  const { environment, data } = await hostileEnvironment()
  const yaml = toYaml(environment, { redact: false })
  assert.deepEqual(parseYaml(yaml), { data })
  const { stdout, stderr } = runApart('python3', ['-c', PYTHON_YAML], yaml)
  assert.deepEqual(JSON.parse(stdout || JSON.stringify(stderr)), { data })
})

test('exported JSON reads as it was, keys included', async () => {
  const { environment, data } = await hostileEnvironment()
  assert.deepEqual(JSON.parse(toJson(environment, { redact: false })), { data })
})

test('a program gets its variables through a sourced file as through the process', () => {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-exports-'))
  try {
    const text = toShell(variablesOf(HOSTILE))
    assert.ok(text.ok)
    const file = join(folder, 'env.sh')
    writeFileSync(file, text.value)
    const program = `process.stdout.write(JSON.stringify(${JSON.stringify(HOSTILE.map((_, i) => `V${i}`))}.map((name) => process.env[name])))`
    const { stdout } = runApart('sh', ['-c', `. "${file}"; exec "${process.execPath}" -e '${program}'`])
    assert.deepEqual(JSON.parse(stdout), HOSTILE)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
