import assert from 'node:assert/strict'
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { accepting } from '../../../test/proving.ts'
import { type DotenvFile, type DotenvItem, compareDialects, dotenvValues, readDotenv } from '@headgate/scan'

/** One folder for each odd case: input.env, and in expected.json what is made of it. `HEADGATE_ACCEPT=1` rewrites the latter. */
const folder = new URL('../testdata/dotenv/', import.meta.url)

for (const name of readdirSync(folder).toSorted()) {
  test(name.replaceAll('-', ' '), () => {
    const input = readFileSync(new URL(`${name}/input.env`, folder))
    const actual = summary(readDotenv(input, { name: 'input.env' }))
    const expected = new URL(`${name}/expected.json`, folder)
    if (accepting) writeFileSync(expected, `${JSON.stringify(actual, null, 2)}\n`)
    assert.ok(existsSync(expected), 'run it with HEADGATE_ACCEPT=1, and look at what it writes')
    assert.deepEqual(actual, JSON.parse(readFileSync(expected, 'utf8')))
  })
}

function summary(file: DotenvFile) {
  return {
    values: Object.fromEntries(dotenvValues(file)),
    lineEnding: file.lineEnding,
    bom: file.bom,
    items: file.items.map(itemSummary),
    diagnostics: file.diagnostics.map(({ severity, code, message, range }) => ({ severity, code, message, at: place(range) })),
    differently: Object.fromEntries(
      compareDialects(file.text, ['python-dotenv', 'bash', 'docker']).map(({ name, readers }) => [name, readers.join(', ')]),
    ),
  }
}

function itemSummary(item: DotenvItem): string {
  const head = `${item.line} ${item.kind}`
  if (item.kind === 'blank') return head
  if (item.kind === 'comment' || item.kind === 'broken') return `${head} ${item.text}`
  if (item.kind === 'commented') return `${head} ${item.name}=${item.value}`
  const marks = [
    item.quote,
    ...(item.exported ? ['export'] : []),
    ...(item.separator === ':' ? ['colon'] : []),
    ...(item.unterminated ? ['unterminated'] : []),
    ...(item.command ? ['command'] : []),
    ...(item.cutByHash ? ['cut by #'] : []),
  ]
  const said = [...item.comments, ...(item.inlineComment === undefined ? [] : [`behind: ${item.inlineComment}`])]
  return `${head} ${item.name}=${item.rawValue} (${marks.join(', ')})${said.length > 0 ? ` // ${said.join(' / ')}` : ''}`
}

function place(range: DotenvFile['diagnostics'][number]['range']): string {
  return range ? `${range.begin.line}:${range.begin.column}-${range.end.line}:${range.end.column}` : ''
}
