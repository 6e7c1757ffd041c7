import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import type { Schema } from '../src/schema.ts'
import { ManualClock, createWorld } from './test-surroundings.ts'

interface Settings {
  readonly port: number
  readonly key: string
}

/** A validator as libraries write them; like some, it quotes the value it refuses. */
const schema: Schema<Settings> = {
  '~standard': {
    validate(values) {
      const { port, key } = values as Record<string, string>
      const issues: { message: string; path: string[] }[] = []
      if (!(Number(port) <= 65_535)) issues.push({ message: `${port} is no port`, path: ['port'] })
      if (!key?.startsWith('fake-')) issues.push({ message: `${key} does not start with fake-`, path: ['key'] })
      return issues.length > 0 ? { issues } : { value: { port: Number(port), key: key ?? '' } }
    },
  },
}

test('the schema gives the program typed values', async (t) => {
  const { plane, connect } = await createWorld(t, new ManualClock())
  plane.save('shop/dev', { values: { port: '8080', key: 'fake-1' } })
  const config = await connect({ schema, watch: false })
  const { port } = config.value
  assert.equal(port + 1, 8081)
  assert.equal(config.get('port'), '8080')
})

test('values that do not fit keep a program from starting, in words that show no secret', async (t) => {
  const { plane, connect } = await createWorld(t, new ManualClock())
  plane.save('shop/dev', { values: { port: '99999', key: 'Zq-not-shown' }, secrets: ['key'] })
  await assert.rejects(connect({ schema }), (error) => {
    assert.match(
      String(error),
      /shop\/dev \(revision 1 from the plane\) does not fit the schema.*`port`: .*; `key` does not fit \(it is or holds a secret/,
    )
    assert.equal(inspect(error, { depth: 9 }).includes('Zq-not-shown'), false)
    return true
  })
  assert.equal(plane.connections, 0)
})

test('a new revision that does not fit is not taken, and reported; the one after it is', async (t) => {
  const { plane, connect, notices } = await createWorld(t, new ManualClock())
  plane.save('shop/dev', { values: { port: '1', key: 'fake-1' }, secrets: ['key'] })
  const config = await connect({ schema, watch: false })
  const heard: unknown[] = []
  config.onChange('port', ({ before, after, previousRevision, revision }) => heard.push([before, after, previousRevision, revision]))
  plane.save('shop/dev', { values: { port: 'many', key: 'Zq-not-shown' }, secrets: ['key'] })
  assert.equal(await config.refresh(), 'failed')
  assert.deepEqual([config.revision, config.value.port, config.get('key')], [1, 1, 'fake-1'])
  assert.deepEqual(
    notices.map(({ code }) => code),
    ['schema-refused'],
  )
  assert.match(notices[0]!.message, /revision 2 from the plane.*revision 1 stays in use/)
  assert.equal(JSON.stringify(notices).includes('Zq-not-shown'), false)
  plane.save('shop/dev', { values: { port: '3', key: 'fake-1' } })
  assert.equal(await config.refresh(), 'changed')
  assert.deepEqual(heard, [['1', '3', 1, 3]])
})

test('a revision that does not fit does not become the copy for bad times', async (t) => {
  const { plane, connect } = await createWorld(t, new ManualClock())
  plane.save('shop/dev', { values: { port: '1', key: 'fake-1' } })
  const config = await connect({ schema, watch: false })
  plane.save('shop/dev', { values: { port: 'many', key: 'fake-1' } })
  await config.refresh()
  await config.close()
  await plane.close()
  const later = await connect({ schema })
  assert.deepEqual([later.source, later.revision, later.value.port], ['fallback', 1, 1])
})

test('a plain parse function is a schema, and what it throws is not repeated', async (t) => {
  const { plane, connect } = await createWorld(t, new ManualClock())
  plane.save('shop/dev', { values: { key: 'Zq-not-shown' }, secrets: ['key'] })
  const parsed = await connect({ watch: false, schema: { parse: (values) => Object.keys(values) } })
  assert.deepEqual(parsed.value, ['key'])
  const parse = (values: object): never => {
    throw new Error(`cannot use ${JSON.stringify(values)}`)
  }
  await assert.rejects(connect({ schema: { parse } }), (error) => {
    assert.equal(inspect(error, { depth: 9 }).includes('Zq-not-shown'), false)
    assert.match(String(error), /its parse function refused the values/)
    return true
  })
})

test('a validator that answers later is waited for', async (t) => {
  const { plane, connect } = await createWorld(t, new ManualClock())
  plane.save('shop/dev', { values: { a: 1 } })
  const later = { '~standard': { validate: async (values: unknown) => ({ value: { checked: values } }) } }
  const config = await connect({ watch: false, schema: later })
  assert.deepEqual(config.value, { checked: { a: 1 } })
})
