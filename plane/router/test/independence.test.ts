import assert from 'node:assert/strict'
import { readFile, readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { test } from 'node:test'

const source = resolve(import.meta.dirname, '../src')

test('the router loads nothing but Node, undici and its own files', async () => {
  for (const name of await readdir(source)) {
    const text = await readFile(join(source, name), 'utf8')
    for (const [line, from] of text.matchAll(/^(?:import|export)\b[^'"]*?\bfrom '([^']+)'/gms)) {
      const allowed =
        /^(?:node:|\.\/[a-z-]+\.ts$)/.test(from as string) ||
        from === 'undici' ||
        (from === '@headgate/contract' && line.startsWith('import type'))
      assert.ok(allowed, `${name} loads ${from}`)
    }
    assert.doesNotMatch(text, /\bimport\(|\brequire\(/, name)
  }
})
