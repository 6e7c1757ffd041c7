import assert from 'node:assert/strict'
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { type ErrorCode, Secret } from '@headgate/model'
import { createPlaneClient } from '../src/http.ts'
import { nodeTransport } from '../src/node-transport.ts'
import type { Bend } from './plane-double.ts'
import { ManualClock, createWorld, freshToken, until } from './test-surroundings.ts'

test('neither the token nor a secret is in an error, a notice, an address or a file, whatever the plane does', async (t) => {
  const clock = new ManualClock()
  const { plane, token, notices, connect, home } = await createWorld(t, clock)
  const planted = freshToken()
  const seen: string[] = []
  plane.save('shop/dev', { values: { key: planted, other: 1 }, secrets: ['key'] })
  const config = await connect({ schema: { parse: (values) => values } })
  seen.push(inspect(config, { depth: 9, showHidden: true }), JSON.stringify(config), String(config), JSON.stringify(config.stats()))
  const refusals: ErrorCode[] = ['TOKEN_INVALID', 'PERMISSION_DENIED', 'ENV_NOT_FOUND', 'OPEN_FAILED', 'INTERNAL', 'STORE_UNAVAILABLE']
  const bends: Bend[] = [
    ...refusals.map((refuse) => ({ refuse })),
    { status: 200, body: '{' },
    { status: 200, body: '{}' },
    { status: 502, body: planted },
  ]
  for (const bend of bends) {
    plane.bendOpen = bend
    await config.refresh()
    await connect({ fallback: 'off' }).catch((error: unknown) => seen.push(inspect(error, { depth: 9, showHidden: true })))
  }
  plane.bendOpen = undefined
  for (const read of [() => config.number('key'), () => config.get('key.inner'), () => config.object('key')]) {
    assert.throws(read, (error) => seen.push(inspect(error, { depth: 9, showHidden: true })) > 0)
  }
  plane.revoke(token)
  await until(() => notices.some(({ code }) => code === 'access-refused'), 'the refusal is reported')
  await config.close()
  seen.push(inspect(notices, { depth: 9, showHidden: true }), plane.addresses.join('\n'))
  for (const name of await readdir(home, { recursive: true, withFileTypes: true })) {
    if (name.isFile()) seen.push(await readFile(join(name.parentPath, name.name), 'latin1'))
  }
  assert.ok(seen.length > 15 && notices.length > 3, 'there is something to look through')
  for (const text of seen) {
    assert.equal(text.includes(planted), false, 'the secret is nowhere')
    assert.equal(text.includes(token), false, 'the token is nowhere')
  }
})

test('a token that no header takes, and an answer that is no JSON, are refused without a piece of them', async (t) => {
  const { plane, token } = await createWorld(t)
  for (const transport of [undefined, nodeTransport]) {
    const ask = async (text: string) => {
      const answer = await createPlaneClient({ url: plane.url, token: new Secret(text) }, transport).call('getSession', {})
      assert.ok(!answer.ok)
      assert.equal(inspect(answer).includes('planted'), false)
      return [answer.problem.code, answer.problem.details['reason']]
    }
    for (const text of ['planted\nline', 'planted-ü', ' ', '']) {
      assert.deepEqual(await ask(text), ['CONFIG_SETTING_INVALID', 'it is empty, or holds characters no token has'])
    }
    plane.bend = { status: 200, body: '{"a": planted' }
    assert.deepEqual(await ask(token), ['ANSWER_UNREADABLE', 'the answer is no JSON'])
    plane.bend = undefined
    const padded = await createPlaneClient({ url: plane.url, token: new Secret(`${token}\r\n`) }, transport).call('getSession', {})
    assert.ok(padded.ok, 'the line end of a file is no part of it')
  }
})
