import { test } from 'node:test'

test('waits for ever', () => new Promise(() => undefined))
test('is run all the same', () => undefined)
