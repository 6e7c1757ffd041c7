import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { type AnyTable, tables } from '@headgate/store'

const document = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'security.md'), 'utf8')

test('docs/security.md names every table, with a MAC or without, and why', () => {
  const named = (list: string, pattern: RegExp) => [...list.matchAll(pattern)].map(([, name]) => name ?? '').toSorted()
  const actual = (wanted: boolean) =>
    Object.values<AnyTable>(tables).flatMap(({ name, protected: carries }) => (carries === wanted ? [name] : []))
  assert.deepEqual(named(between('protected tables'), /`(\w+)`/g), actual(true).toSorted())
  assert.deepEqual(named(between('tables without a MAC'), /^\| `(\w+)` \| .{10}/gm), actual(false).toSorted())
})

function between(mark: string): string {
  const begin = document.indexOf(`<!-- ${mark} -->`)
  const end = document.indexOf(`<!-- end of ${mark} -->`)
  assert.ok(begin > 0 && end > begin, `docs/security.md has a list marked "${mark}"`)
  return document.slice(begin, end)
}
