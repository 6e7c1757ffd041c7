import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { startSession } from './transcript/session.ts'

test('a back-up that breaks off leaves nothing behind, under its name or any other', async () => {
  const plane = createServer((_request, response) => {
    response.write('the beginning of a back-up')
    setImmediate(() => response.destroy())
  })
  await new Promise<void>((resolve) => plane.listen(0, '127.0.0.1', resolve))
  const session = await startSession()
  try {
    session.env['HEADGATE_TOKEN'] = 'example-token'
    const url = `http://127.0.0.1:${(plane.address() as AddressInfo).port}`
    const { exitCode, stderr } = await session.run(['backup', '--url', url, '-o', 'monday.age', '--recipient', 'age1example'])
    assert.equal(exitCode, 6, stderr)
    assert.match(stderr, /^PLANE_UNREACHABLE .*broke off/)
    assert.deepEqual(await readdir(session.folder), [])
  } finally {
    await session.end()
    plane.close()
    plane.closeAllConnections()
  }
})

test('where the file cannot be written that is said, and no part of it stays', async () => {
  const plane = createServer((_request, response) => response.end('a whole back-up'))
  await new Promise<void>((resolve) => plane.listen(0, '127.0.0.1', resolve))
  const session = await startSession()
  try {
    session.env['HEADGATE_TOKEN'] = 'example-token'
    const url = `http://127.0.0.1:${(plane.address() as AddressInfo).port}`
    const words = ['backup', '--url', url, '--recipient', 'age1example', '-o']
    const { exitCode, stderr } = await session.run([...words, 'no/such/folder/monday.age'])
    assert.deepEqual([exitCode, stderr.slice(0, 15)], [1, 'FILE_UNWRITABLE'])
    assert.equal((await session.run([...words, 'monday.age'])).exitCode, 0)
    assert.deepEqual(await readdir(session.folder), ['monday.age'])
  } finally {
    await session.end()
    plane.close()
    plane.closeAllConnections()
  }
})

test('an identity that is given for a recipient is not sent, nor said', async () => {
  const session = await startSession()
  try {
    const words = ['backup', '--url', 'http://127.0.0.1:9', '-o', 'monday.age', '--recipient', 'AGE-SECRET-KEY-1MADEUP']
    const { exitCode, stdout, stderr } = await session.run(words)
    assert.deepEqual([exitCode, stderr.slice(0, 5)], [2, 'USAGE'])
    assert.doesNotMatch(stdout + stderr, /MADEUP/)
  } finally {
    await session.end()
  }
})
