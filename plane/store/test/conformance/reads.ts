import assert from 'node:assert/strict'
import { type Cell, type RecordId, idOf } from '@headgate/model'
import { type AnyTable, type EnvironmentRow, type RevisionRow, columnsOf, insert, remove, tables, update } from '@headgate/store'
import { type Cases, base, environment, environmentFields, organisation, owner, revisionFields } from './plain-store.ts'

export const readCases: Cases = {
  'what is not there is undefined, and lists are empty': async ({ store }) => {
    assert.equal(await store.environments.get(environment), undefined)
    assert.equal(await store.revisions.latest(environment), undefined)
    assert.equal(await store.tokens.byDigest(Buffer.alloc(32)), undefined)
    assert.equal(await store.settings.get('nothing'), undefined)
    assert.deepEqual(await store.tags.list(environment), [])
    assert.equal((await store.records.get([idOf('r-1')])).size, 0)
    assert.equal((await store.records.get([])).size, 0)
    assert.equal((await store.tokens.lastUses([])).size, 0)
  },

  'a protected row that was changed outside is refused on every read': async ({ database, store, commit }) => {
    await commit({ writes: [insert('environments', environmentFields), insert('revisions', revisionFields(1))] })
    await database.write.run(`update "revisions" set "author" = 'mallory'`)
    const reads = [
      () => store.revisions.get(environment, 1),
      () => store.revisions.latest(environment),
      () => store.revisions.list(environment),
    ]
    for (const read of reads) await assert.rejects(read, { code: 'ROW_TAMPERED' })
    assert.ok(await store.environments.get(environment))
  },

  'deleted environments free their name and are listed apart': async ({ store, commit }) => {
    await commit({ writes: [insert('environments', environmentFields)] })
    const row = (await store.environments.get(environment)) as EnvironmentRow
    await commit({ writes: [update('environments', row, { deleted_at: 5 })] })
    assert.equal(await store.environments.find(organisation, 'shop', 'dev'), undefined)
    assert.ok((await commit({ writes: [insert('environments', { ...environmentFields, id: idOf('e-2') })] })).ok)
    assert.deepEqual(
      (await store.environments.list(organisation)).map((each) => each.id),
      ['e-2'],
    )
    assert.deepEqual(
      (await store.environments.list(organisation, { deleted: 'only' })).map((each) => each.id),
      ['e-1'],
    )
    assert.deepEqual(await store.environments.list(organisation, { project: 'other' }), [])
  },

  'revisions come newest first, a page at a time': async ({ store, commit }) => {
    await commit({
      writes: [insert('environments', environmentFields), ...[1, 2, 3, 4, 5].map((n) => insert('revisions', revisionFields(n)))],
    })
    const numbers = (rows: readonly RevisionRow[]) => rows.map((row) => row.number)
    assert.deepEqual(numbers(await store.revisions.list(environment, { limit: 2 })), [5, 4])
    assert.deepEqual(numbers(await store.revisions.list(environment, { limit: 2, before: 4 })), [3, 2])
    assert.equal((await store.revisions.latest(environment))?.number, 5)
    assert.deepEqual(Buffer.from((await store.revisions.get(environment, 3))?.sealed ?? []).toString(), 'text 3')
  },

  'records are found in any number at once': async ({ store, commit }) => {
    const ids = Array.from({ length: 1_200 }, (_, n) => idOf<'record'>(`r-${n}`))
    await commit({
      writes: [
        insert('environments', environmentFields),
        ...ids.map((id) => insert('records', { id, environment, sealed: Buffer.from(id), created_at: 1 })),
      ],
    })
    const found = await store.records.get([...ids, 'r-none' as RecordId])
    assert.equal(found.size, 1_200)
    assert.equal(Buffer.from(found.get(ids[700] as RecordId)?.sealed ?? []).toString(), 'r-700')
  },

  'key records are found by their ids, and listed to the last however many there are': async ({ store, commit }) => {
    const keyOf = (n: number) =>
      ({ ...base, id: `k-${n}`, organisation, purpose: 'seal', root: 'r', wrapped: Buffer.alloc(3), state: 'active' }) as const
    assert.deepEqual(await store.keyRecords.list(), [])
    await commit({ writes: Array.from({ length: 1_001 }, (_, n) => insert('key_records', keyOf(n))) })
    assert.equal(new Set((await store.keyRecords.list()).map(({ id }) => id)).size, 1_001)
    const found = await store.keyRecords.get(['k-1', 'nobody', 'k-1000'])
    assert.deepEqual([...found.keys()].toSorted(), ['k-1', 'k-1000'])
  },

  'bindings come from the principal and from its teams, in its organisation only': async ({ store, commit }) => {
    const binding = { ...base, organisation, role: 'viewer', created_by: owner, expires_at: null }
    await commit({
      writes: [
        insert('teams', { ...base, organisation, name: 'ops' }),
        insert('bindings', { ...binding, id: idOf('b-1'), subject_kind: 'principal', subject: owner }),
        insert('bindings', { ...binding, id: idOf('b-2'), subject_kind: 'team', subject: 'ops' }),
        insert('bindings', { ...binding, id: idOf('b-3'), subject_kind: 'team', subject: owner }),
        insert('bindings', { ...binding, id: idOf('b-4'), subject_kind: 'principal', subject: 'ops' }),
      ],
    })
    const held = async () => (await store.bindings.of(organisation, owner)).map((each) => each.id)
    assert.deepEqual(await held(), ['b-1'])
    await commit({ writes: [insert('team_members', { ...base, organisation, team: 'ops', principal: owner })] })
    assert.deepEqual(await held(), ['b-1', 'b-2'])
    assert.deepEqual(await store.bindings.of(idOf('o-2'), owner), [])
    assert.equal((await store.bindings.list(organisation)).length, 4)
    assert.equal((await store.teams.members(organisation, 'ops'))[0]?.principal, owner)
    assert.equal((await store.teams.of(owner))[0]?.team, 'ops')
  },

  'going through a table a page at a time meets every row once, whatever its key, and ends': async ({ store, commit }) => {
    const writes = [insert('environments', environmentFields), ...[1, 2, 3, 4, 5].map((n) => insert('revisions', revisionFields(n)))]
    // A key that is a number is a place of its own, and may be below 1.
    const segment = { first: 0, since: 0, until: 0, last_change: 0, root: Buffer.alloc(32), carried: '', pruned_at: 0 }
    for (const end of [512, 0, -256, 256]) writes.push(insert('audit_segments', { end, ...segment }))
    assert.ok((await commit({ writes })).ok)
    const [third] = (await store.revisions.list(environment)).filter(({ number }) => number === 3)
    assert.ok(third && (await commit({ writes: [remove('revisions', third)] })).ok)
    const met = async (table: 'revisions' | 'audit_segments' | 'tags', column: string) => {
      const numbers: unknown[] = []
      for (let from: readonly Cell[] | undefined; ;) {
        const { rows, after } = await store.rows.page(table, from, 2)
        if (after === undefined) return numbers.toSorted((left, right) => Number(left) - Number(right))
        numbers.push(...rows.map((row) => row[column]))
        from = after
      }
    }
    assert.deepEqual(await met('revisions', 'number'), [1, 2, 4, 5])
    assert.deepEqual(await met('audit_segments', 'end'), [-256, 0, 256, 512])
    assert.deepEqual(await met('tags', 'name'), [])
  },

  'every table is as its definition says': async ({ database }) => {
    for (const table of Object.values<AnyTable>(tables)) {
      const rows = await database.write.all(`select * from "${table.name}" limit 1`)
      if (rows[0]) assert.deepEqual(Object.keys(rows[0]), columnsOf(table), table.name)
      for (const column of columnsOf(table)) await database.write.all(`select "${column}" from "${table.name}" limit 1`)
      for (const column of table.key) assert.ok(columnsOf(table).includes(column))
    }
  },
}
