import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Diagnostic } from '@headgate/model'
import { sharedFolder } from '../shared-folder.ts'

const command = join(import.meta.dirname, '../../clients/cli/bin/headgate.mjs')
const folders = ['esc-conformance/eval', 'esc-suspicious/eval'].flatMap((name) => sharedFolder(name) ?? [])
const skip = folders.length === 0 && 'the shared folder is not on this machine'

interface Answer {
  readonly ok: boolean
  readonly files: readonly { readonly file: string; readonly diagnostics: readonly Diagnostic[] }[]
}

function check(...args: readonly string[]): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  return spawnSync(process.execPath, [command, 'check', ...args], { encoding: 'utf8', maxBuffer: 64 << 20 })
}

test('headgate check answers for every shared document, with places for people and for machines', { skip }, () => {
  const files = folders
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name, 'env.yaml')))
    .filter((file) => existsSync(file))
  assert.ok(files.length > 200)
  const { status, stdout, stderr } = check('--json', ...files)
  assert.equal(status, 1)
  const answer = JSON.parse(stdout) as Answer
  assert.equal(answer.ok, false)
  assert.deepEqual(
    answer.files.map(({ file }) => file),
    files,
  )
  const all = answer.files.flatMap(({ diagnostics }) => diagnostics)
  for (const diagnostic of all) assert.ok(diagnostic.range && diagnostic.message !== '' && diagnostic.code.startsWith('LANG_'))
  // Every one is shown: where it is, its line, and a caret below.
  assert.equal(stderr.match(/^ {2}--> /gm)?.length, all.length)
  assert.ok((stderr.match(/^ +\| +\^+$/gm)?.length ?? 0) > all.length * 0.9)
})

test('a document without mistakes is told to have none, and ends with 0', { skip }, () => {
  const file = join(folders[0] as string, 'literals', 'env.yaml')
  const { status, stdout, stderr } = check(file)
  assert.deepEqual([status, stdout, stderr], [0, '1 file checked: no mistakes\n', ''])
})

test('a document of a megabyte is checked, and the mistake at its end has its place', () => {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-check-'))
  try {
    const lines = Array.from({ length: 22_000 }, (_, i) => `  service${i}: { host: db${i}.internal, port: ${i}, url: "pg://host${i}" }`)
    const text = `values:\n${lines.join('\n')}\n  last: \${service21999.prot}\n`
    assert.ok(text.length > 1_000_000)
    const file = join(folder, 'large.yaml')
    writeFileSync(file, text)
    const { status, stderr } = check(file)
    assert.equal(status, 1)
    assert.equal(
      stderr.replaceAll(file, 'large.yaml'),
      `error LANG_REFERENCE  unknown property "prot"
  --> large.yaml:22002:23
22002 |   last: \${service21999.prot}
      |                       ^^^^^
`,
    )
    writeFileSync(file, readFileSync(file, 'utf8').replace('.prot}', '.port}'))
    assert.equal(check(file).status, 0)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
