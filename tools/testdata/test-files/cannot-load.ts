import { test } from 'node:test'

test('never known', () => undefined)
throw new Error('the file itself fails')
