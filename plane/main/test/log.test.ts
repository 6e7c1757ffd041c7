import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pino } from 'pino'
import { textLines } from '../src/log.ts'

test('on a terminal the log shows changes and failures, with the request id of those, and nothing of reads', () => {
  let shown = ''
  const log = pino(
    { base: null, timestamp: pino.stdTimeFunctions.isoTime },
    textLines({ write: (text: string) => Boolean((shown += text)) }),
  )
  const answered = { request: 'id-1', route: '/api/v1/x', ms: 3 }
  log.info({ ...answered, method: 'GET', status: 200 }, 'answered')
  log.info({ ...answered, method: 'POST', status: 200 }, 'answered')
  log.info({ ...answered, method: 'GET', status: 404 }, 'answered')
  log.warn({ target: 'shop/dev' }, 'a changed setting was not brought live')
  log.error({ reason: 'line\nbreak \u001b[31m' }, 'failed')
  const lines = shown
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/^\d\d:\d\d:\d\d/, 'TIME'))
  assert.deepEqual(lines, [
    'TIME  POST   /api/v1/x  200  3 ms',
    'TIME  GET    /api/v1/x  404  3 ms  request id-1',
    'TIME  warning  a changed setting was not brought live  target=shop/dev',
    'TIME  error  failed  reason=line\\x0abreak \\x1b[31m',
  ])
})
