import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { DEVIATIONS } from '../../tools/differential/deviations.ts'
import { GROWTH_LIMIT, IMPORT_LIMIT, NESTING_LIMIT, TEXT_LIMIT } from '../../core/lang/src/limits.ts'
import { BUILTIN_NAMES } from '../../core/lang/src/syntax/builtin-calls.ts'
import { type Example, documentedExamples, evaluateDocumented } from './lang/documented-examples.ts'

const pages = join(import.meta.dirname, '../../docs/reference')
const language = readFileSync(join(pages, 'language.md'), 'utf8')
const deviations = readFileSync(join(pages, 'deviations.md'), 'utf8')

for (const [page, text] of Object.entries({ 'language.md': language, 'deviations.md': deviations }))
  for (const example of documentedExamples(text))
    test(`the example in ${page} under “${example.heading}” gives what stands behind it`, () => judge(example))

async function judge(example: Example): Promise<void> {
  const { messages, values } = await evaluateDocumented(example)
  assert.equal(messages.join('\n'), example.messages ?? '')
  if (example.values !== undefined) assert.deepEqual(values, JSON.parse(example.values))
}

test('every example shows what it gives', () => {
  for (const { heading, messages, values } of [...documentedExamples(language), ...documentedExamples(deviations)])
    assert.ok(messages !== undefined || values !== undefined, heading)
})

test('the language page has every function, with an example, and every limit', () => {
  const examples = documentedExamples(language)
  for (const name of BUILTIN_NAMES) {
    assert.match(language, new RegExp(`^### .*fn::${name}\\b`, 'm'))
    assert.ok(
      examples.some(({ text, imports }) => [text, ...Object.values(imports)].join('').includes(`fn::${name}`)),
      `there is an example of fn::${name}`,
    )
  }
  for (const limit of [NESTING_LIMIT, IMPORT_LIMIT, TEXT_LIMIT, GROWTH_LIMIT]) assert.ok(language.includes(limit.toLocaleString('en')))
})

test('every deviation the differential run accepts stands on the deviations page, and no other', () => {
  const part = /^## Other answers$([\s\S]*?)^## /m.exec(deviations)?.[1] ?? ''
  const headings = [...part.matchAll(/^### (.*)$/gm)].map(([, heading]) => heading)
  assert.deepEqual(new Set(headings), new Set(DEVIATIONS.map(({ id }) => id)))
  assert.equal(headings.length, DEVIATIONS.length)
})
