import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { exitCodes } from '../src/exit-code.ts'
import { registry } from '../src/registry/index.ts'
import { renewSections } from './reference/render-section.ts'

const file = join(import.meta.dirname, '..', '..', '..', 'docs', 'reference', 'cli.md')

test('docs/reference/cli.md has every command as it is', async () => {
  const document = await readFile(file, 'utf8')
  const { text, missing } = renewSections(document, registry)
  if (process.env['HEADGATE_ACCEPT'] === '1') await writeFile(file, text)
  else assert.equal(document, text)
  assert.deepEqual(missing, [], 'commands without a section')
})

test('docs/reference/cli.md names no command that is not there', async () => {
  const headings = [...(await readFile(file, 'utf8')).matchAll(/^### headgate (.+)$/gm)].map(([, name]) => name)
  assert.deepEqual(
    headings.filter((name) => !registry.some((spec) => spec.name === name)),
    [],
  )
})

test("docs/reference/cli.md says every command's JSON and every exit code", async () => {
  const document = await readFile(file, 'utf8')
  for (const spec of registry) {
    const section = document.slice(document.indexOf(`\n### headgate ${spec.name}\n`)).split('\n### ')[1] ?? ''
    assert.match(section, /JSON/, spec.name)
  }
  for (const code of Object.values(exitCodes)) assert.match(document, new RegExp(`^\\| ${code} \\|`, 'm'), `exit code ${code}`)
})

test('every command has an example, a summary that fits a line, and code behind it', async () => {
  for (const spec of registry) {
    assert.ok(spec.examples.length > 0, spec.name)
    assert.ok(spec.summary.length <= 80 && !spec.summary.endsWith('.'), spec.name)
    assert.equal(typeof (await spec.load()).run, 'function', spec.name)
  }
})
