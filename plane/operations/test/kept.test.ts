import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { type CommitNotice, Secret, idOf, ok, refuse } from '@headgate/model'
import { eventually } from '../../../test/eventually.ts'
import { keepCallers } from '../src/kept/kept-callers.ts'
import { type Opening, keepOpenings } from '../src/kept/kept-openings.ts'
import type { Caller } from '../src/plane.ts'

const caller = (name: string): Caller => ({
  principal: idOf<'principal'>(name),
  name,
  kind: 'user',
  token: { id: idOf<'token'>(name), name },
  held: [],
})

function commits() {
  const listeners = new Set<(notice: CommitNotice) => void>()
  return {
    onCommit(listener: (notice: CommitNotice) => void) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    tell(...tables: string[]): void {
      for (const listener of listeners) listener({ change: 1, time: 0, environments: [], tags: [], tables })
    },
  }
}

test('a caller is looked up once, and anew after a commit to any table that may say who they are', async () => {
  const store = commits()
  let asked = 0
  const callers = keepCallers(store, Date.now, async () => ok(caller(`seen ${(asked += 1)}`)))
  const name = async (): Promise<string> => {
    const found = await callers.authenticate(new Secret('one'))
    return found.ok ? found.value.name : found.problem.code
  }
  assert.deepEqual([await name(), await name()], ['seen 1', 'seen 1'])
  store.tell('environments', 'revisions')
  assert.equal(await name(), 'seen 1')
  for (const [index, table] of ['tokens', 'bindings', 'a-table-of-tomorrow'].entries()) {
    store.tell('environments', table)
    assert.equal(await name(), `seen ${index + 2}`)
  }
  callers.close()
})

test('a commit while a caller is looked up leaves nothing kept of what was read before it', async () => {
  const store = commits()
  const reading = Promise.withResolvers<void>()
  let revoked = false
  const callers = keepCallers(store, Date.now, async () => {
    const found = revoked ? refuse('TOKEN_REVOKED') : ok(caller('early'))
    await reading.promise
    return found
  })
  const early = callers.authenticate(new Secret('one'))
  revoked = true
  store.tell('tokens')
  reading.resolve()
  assert.equal((await early).ok, true)
  assert.equal((await callers.authenticate(new Secret('one'))).ok, false)
  callers.close()
})

test('a revocation by another process that was never told of takes effect all the same, within the age of a kept caller', async () => {
  let revoked = false
  const callers = keepCallers(commits(), Date.now, async () => (revoked ? refuse('TOKEN_REVOKED') : ok(caller('kept'))))
  assert.equal((await callers.authenticate(new Secret('one'))).ok, true)
  revoked = true
  await eventually(async () => !(await callers.authenticate(new Secret('one'))).ok)
  callers.close()
})

const opening = (content: string, imports: Opening['imports'] = []): Opening => ({
  content,
  details: { secrets: 1 },
  imports,
  lasting: true,
})

test('openings asked for at once are opened once, and a kept one only as long as it counts', async () => {
  const openings = keepOpenings()
  let opened = 0
  const open = async () => opening(`{"n":${(opened += 1)}}`)
  const get = (counts = true) => openings.get('shop/dev@1', async () => counts, open)
  const all = await Promise.all(Array.from({ length: 50 }, () => get()))
  assert.deepEqual([...new Set(all.map((one) => one?.content()))], ['{"n":1}'])
  assert.equal((await get())?.content(), '{"n":1}')
  assert.equal((await get(false))?.content(), '{"n":2}')
  assert.deepEqual({ ...openings.statistics(), bytes: 0 }, { hits: 50, misses: 2, bytes: 0, entries: 1 })
})

test('an opening that was under way before something changed is not given to whoever asks after it', async () => {
  const openings = keepOpenings()
  const slow = Promise.withResolvers<Opening>()
  let current = 'old'
  const first = openings.get(
    'key',
    async () => true,
    () => slow.promise,
  )
  const stillCounts = async ({ imports }: Pick<Opening, 'imports'>): Promise<boolean> => imports[0]?.reference === current
  current = 'new'
  const second = openings.get('key', stillCounts, async () =>
    opening('{"new":1}', [{ reference: 'new', environment: idOf('e'), revision: 1 }]),
  )
  slow.resolve(opening('{"old":1}', [{ reference: 'old', environment: idOf('e'), revision: 1 }]))
  assert.equal((await first)?.content(), '{"old":1}')
  assert.equal((await second)?.content(), '{"new":1}')
})

test('what came from outside, or was cut for its caller, is neither kept nor shared', async () => {
  const openings = keepOpenings()
  let opened = 0
  const open = async () => ({ ...opening(`{"n":${(opened += 1)}}`), lasting: false })
  const all = await Promise.all(Array.from({ length: 3 }, () => openings.get('key', async () => true, open)))
  assert.deepEqual(new Set(all.map((one) => one?.content())), new Set(['{"n":1}', '{"n":2}', '{"n":3}']))
  assert.equal((await openings.get('key', async () => true, open))?.content(), '{"n":4}')
  assert.equal(openings.statistics().entries, 0)
})

test('answers that leave together share one plaintext, and a kept value is unsealed anew for the next', async () => {
  const openings = keepOpenings()
  const get = () =>
    openings.get(
      'key',
      async () => true,
      async () => opening('{"secret":"value of no worth"}'),
    )
  await get()
  const kept = await get()
  const open = mock.method(Buffer.prototype, 'toString')
  try {
    assert.deepEqual([kept?.content(), kept?.content()], ['{"secret":"value of no worth"}', '{"secret":"value of no worth"}'])
    assert.equal(open.mock.callCount(), 1)
    await Promise.resolve()
    assert.equal(kept?.content(), '{"secret":"value of no worth"}')
    assert.equal(open.mock.callCount(), 2)
  } finally {
    open.mock.restore()
  }
})

test('what was refused is not kept, and large openings make room by leaving', async () => {
  const openings = keepOpenings()
  assert.equal(
    await openings.get(
      'a',
      async () => true,
      async () => undefined,
    ),
    undefined,
  )
  assert.equal(
    (
      await openings.get(
        'a',
        async () => true,
        async () => opening('{}'),
      )
    )?.content(),
    '{}',
  )
  const large = 'x'.repeat(3 * 1024 * 1024)
  for (let n = 0; n < 40; n += 1)
    await openings.get(
      `large ${n}`,
      async () => true,
      async () => opening(large),
    )
  const { bytes, entries } = openings.statistics()
  assert.ok(bytes <= 64 * 1024 * 1024 && entries >= 20)
})
