import { spawn } from 'node:child_process'
import { test } from 'node:test'

test('starts what outlives it', () => {
  spawn('sleep', ['60'], { stdio: 'ignore', detached: true }).unref()
})
