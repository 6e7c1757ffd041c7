import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { startSession } from './transcript/session.ts'

test('a webhook is tried with the exit code that scripts go by, and never made without the secret that was named', async (t) => {
  const receiver = createServer((request, response) => {
    response.statusCode = request.url === '/refuses' ? 500 : 200
    request.resume().on('end', () => response.end())
  }).listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  t.after(() => receiver.close())
  const origin = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`
  const there = await startSession()
  t.after(() => there.end())
  there.env['HEADGATE_WEBHOOK_ADDRESS'] = origin
  const { url, token = '' } = await there.startPlane()
  Object.assign(there.env, { HEADGATE_URL: url, HEADGATE_TOKEN: token })
  assert.equal((await there.run(['env', 'init', 'shop/dev'])).exitCode, 0)
  for (const [path, exitCode] of [
    ['takes', 0],
    ['refuses', 1],
  ] as const) {
    assert.equal((await there.run(['env', 'webhook', 'add', 'shop/dev', `${origin}/${path}`, '--name', path])).exitCode, 0)
    const pinged = await there.run(['env', 'webhook', 'ping', 'shop/dev', path])
    assert.deepEqual([pinged.exitCode, pinged.stderr], [exitCode, ''])
    assert.match(pinged.stdout, exitCode === 0 ? /^answered 200, / : /^answered 500, /)
  }
  const unsigned = await there.run(['env', 'webhook', 'add', 'shop/dev', `${origin}/signed`, '--secret-file', '-'])
  assert.equal(unsigned.exitCode, 2)
  assert.match(unsigned.stderr, /the secret in standard input is empty/)
})
