import { test } from 'node:test'

test('first', () => undefined)
test('leaves early', () => process.exit(0))
test('never run', () => undefined)
