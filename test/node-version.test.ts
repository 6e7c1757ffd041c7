import assert from 'node:assert/strict'
import { test } from 'node:test'

test('the tests run on Node 24 or newer, whatever Node the machine has', () => {
  assert.ok(Number.parseInt(process.versions.node, 10) >= 24, `this is Node ${process.versions.node}`)
})
