import assert from 'node:assert/strict'
import { type TokenId, idOf } from '@headgate/model'
import { insert, upsert } from '@headgate/store'
import { someAudit } from './plain-protection.ts'
import { type Cases, base, organisation, owner } from './plain-store.ts'

export const logCases: Cases = {
  'tokens are found by digest, and their last use is noted apart': async ({ store, commit }) => {
    const id = idOf<'token'>('t-1') as TokenId
    const token = {
      ...base,
      id,
      organisation,
      principal: owner,
      kind: 'user',
      name: 'laptop',
      digest: Buffer.alloc(32, 5),
      expires_at: null,
      revoked_at: null,
    }
    await commit({ writes: [insert('tokens', token)] })
    assert.equal((await store.tokens.byDigest(Buffer.alloc(32, 5)))?.id, id)
    assert.equal((await store.tokens.list(organisation, { principal: owner })).length, 1)
    const size = await store.audit.size()
    store.tokens.used(id, 100_000)
    store.tokens.used(id, 100_001)
    await commit({})
    assert.deepEqual(await store.tokens.lastUses([id]), new Map([[id, 100_000]]))
    assert.equal(await store.audit.size(), size + 1)
    const twin = await commit({ writes: [insert('tokens', { ...token, id: idOf('t-2') })] })
    assert.ok(!twin.ok)
  },

  'a lease has one holder at a time, and an epoch for each': async ({ store }) => {
    const first = await store.leases.acquire('run-1', 'a', 2_000, 1_000)
    assert.equal(first?.epoch, 1)
    assert.equal(await store.leases.acquire('run-1', 'b', 2_500, 1_500), undefined)
    assert.ok(first && (await store.leases.renew(first, 3_000, 1_500)))
    const second = await store.leases.acquire('run-1', 'b', 5_000, 3_000)
    assert.equal(second?.epoch, 2)
    assert.ok(!(await store.leases.renew(first, 9_000, 3_100)))
    await store.leases.release(first)
    assert.equal((await store.leases.get('run-1'))?.owner, 'b')
    assert.ok(second)
    await store.leases.release(second)
    assert.equal((await store.leases.acquire('run-1', 'c', 9_000, 3_200))?.epoch, 3)
  },

  'settings are put and replaced': async ({ store, commit }) => {
    await store.settings.put('colour', '"red"')
    await store.settings.put('colour', '"blue"')
    assert.equal(await store.settings.get('colour'), '"blue"')
    await commit({ writes: [upsert('settings', { name: 'colour', value: '"green"' })] })
    assert.equal(await store.settings.get('colour'), '"green"')
  },

  'the log is searched by what it says, from either end': async ({ store, commit }) => {
    const record = (n: number) => ({
      ...someAudit,
      time: n,
      organisation: n % 2 ? organisation : null,
      actor: n % 3 ? owner : null,
      action: n % 2 ? 'environment.open' : 'environment.write',
      resource: `environment:main/shop/dev#path${n}`,
      outcome: n === 5 ? ('denied' as const) : ('ok' as const),
    })
    for (let n = 1; n <= 9; n += 1) await commit({ audit: record(n) })
    const times = async (page: Parameters<typeof store.audit.page>[0]) =>
      (await store.audit.page({ from: 1, until: 100, ...page })).map((row) => row.time)
    assert.deepEqual(await times({ action: 'environment.open' }), [1, 3, 5, 7, 9])
    assert.deepEqual(await times({ organisation, actor: owner }), [1, 5, 7])
    assert.deepEqual(await times({ outcome: 'denied' }), [5])
    assert.deepEqual(await times({ resourcePrefix: 'environment:main/shop/dev#path4' }), [4])
    assert.deepEqual(await times({ resourcePrefix: 'environment:main/shop' }), [1, 2, 3, 4, 5, 6, 7, 8, 9])
    assert.deepEqual(await times({ resourcePrefix: 'environment:main/shot' }), [])
    assert.deepEqual(await times({ from: 3, until: 5 }), [3, 4])
    const page = await store.audit.page({ order: 'newest', limit: 2 })
    assert.deepEqual(
      page.map((row) => row.time),
      [9, 8],
    )
    assert.deepEqual(
      (await store.audit.page({ order: 'newest', limit: 2, after: page[1]?.change ?? 0 })).map((row) => row.time),
      [7, 6],
    )
    assert.equal((await store.audit.get(page[0]?.change ?? 0))?.time, 9)
    assert.equal((await store.audit.checkpoint())?.size, 10)
  },
}
