import assert from 'node:assert/strict'
import { type Change, idOf } from '@headgate/model'
import { type EnvironmentRow, insert, remove, update } from '@headgate/store'
import { someAudit } from './plain-protection.ts'
import { type Cases, base, environment, environmentFields, organisation, owner, revisionFields, tagFields } from './plain-store.ts'

export const writeCases: Cases = {
  'a change is there when its commit resolves, with its audit record': async ({ store, commit }) => {
    const result = await commit({
      writes: [insert('environments', environmentFields)],
      audit: { ...someAudit, action: 'environment.create' },
    })
    assert.ok(result.ok)
    assert.equal((await store.environments.find(organisation, 'shop', 'dev'))?.id, environment)
    const [, record] = await store.audit.page()
    assert.equal(record?.action, 'environment.create')
    assert.equal(record?.change, result.value.change)
    assert.equal(record?.leaf, 1)
    assert.equal(await store.audit.size(), 2)
  },

  'a change on an older revision is refused with both named, and nothing of it is written': async ({ store, commit }) => {
    await commit({ writes: [insert('environments', environmentFields), insert('revisions', revisionFields(1))] })
    const before = (await store.environments.get(environment)) as EnvironmentRow
    await commit({ writes: [update('environments', before, { head_revision: 2 })] })
    const result = await commit({
      expect: [{ kind: 'head', environment, revision: 0, name: 'shop/dev' }],
      writes: [insert('tags', tagFields), insert('revisions', revisionFields(2))],
    })
    assert.ok(!result.ok)
    assert.equal(result.problem.code, 'REVISION_CONFLICT')
    assert.deepEqual(result.problem.details, { environment: 'shop/dev', expected: 0, actual: 2 })
    assert.deepEqual(await store.tags.list(environment), [])
    assert.equal((await store.revisions.latest(environment))?.number, 1)
    assert.equal(await store.audit.size(), 3)
  },

  'a write that clashes late in a change takes the earlier ones back': async ({ store, commit }) => {
    await commit({ writes: [insert('environments', environmentFields)] })
    const other = { ...environmentFields, id: idOf<'environment'>('e-2'), name: 'staging' }
    const twin = { ...environmentFields, id: idOf<'environment'>('e-3') }
    const result = await commit({ writes: [insert('environments', other), insert('environments', twin)] })
    assert.ok(!result.ok && result.problem.code === 'CHANGE_CONFLICT')
    assert.match(result.problem.message, /environments e-3/)
    assert.equal(await store.environments.find(organisation, 'shop', 'staging'), undefined)
  },

  'of many writes the first that clashes is the one that is told, and none is made': async ({ store, commit }) => {
    const projects = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, n) => insert('projects', { ...base, organisation, name: `p${from + n}` }))
    assert.ok((await commit({ writes: projects(700, 701) })).ok)
    const result = await commit({ writes: [...projects(0, 800), ...projects(3, 4)] })
    assert.ok(!result.ok && result.problem.code === 'CHANGE_CONFLICT')
    assert.match(result.problem.message, /projects o-1\/p700/)
    assert.deepEqual(
      (await store.projects.list(organisation)).map(({ name }) => name),
      ['p700'],
    )
    assert.ok((await commit({ writes: projects(0, 600) })).ok)
  },

  'an update or removal of a row that another change wrote meanwhile is a conflict': async ({ store, commit }) => {
    await commit({ writes: [insert('environments', environmentFields)] })
    const read = (await store.environments.get(environment)) as EnvironmentRow
    assert.ok((await commit({ writes: [update('environments', read, { name: 'development' })] })).ok)
    for (const write of [update('environments', read, { name: 'lost' }), remove('environments', read)]) {
      const result = await commit({ writes: [write] })
      assert.ok(!result.ok && result.problem.code === 'CHANGE_CONFLICT')
    }
    assert.equal((await store.environments.get(environment))?.name, 'development')
  },

  'an update that names what it renews writes nothing else of the row, and is a conflict as any other': async ({
    database,
    store,
    commit,
  }) => {
    await commit({ writes: [insert('environments', environmentFields), insert('revisions', revisionFields(1)), insert('tags', tagFields)] })
    const read = await store.tags.get(environment, 'live')
    assert.ok(read)
    const renewal = (moved: number) => ({
      op: 'update' as const,
      table: 'tags',
      row: { ...read, author: 'mallory', moved_at: moved },
      was: read.change,
      renews: ['moved_at'],
    })
    assert.ok((await commit({ writes: [renewal(7)] })).ok)
    const [raw] = await database.write.all('select * from "tags"')
    assert.deepEqual([raw?.['author'], Number(raw?.['moved_at']), Number(raw?.['revision'])], [owner, 7, 1])
    assert.notEqual(Number(raw?.['change']), read.change)
    assert.notDeepEqual(raw?.['mac'], read.mac)
    const result = await commit({ writes: [renewal(8)] })
    assert.ok(!result.ok && result.problem.code === 'CHANGE_CONFLICT')
    // The same table updated as a whole is not written by the shorter statement.
    await commit({ writes: [update('tags', { ...read, change: Number(raw?.['change']) }, { moved_at: 9 })] })
    assert.deepEqual((await store.tags.get(environment, 'live'))?.moved_at, 9)
  },

  'expectations on tags, rows and leases hold or refuse': async ({ store, commit }) => {
    await commit({
      writes: [
        insert('environments', environmentFields),
        insert('tags', { environment, name: 'live', revision: 3, author: owner, moved_at: 1 }),
      ],
    })
    const lease = await store.leases.acquire('run-1', 'me', 5_000, 1_000)
    const environmentRow = { kind: 'row', table: 'environments', key: { id: environment }, name: 'shop/dev' } as const
    const cases: [string | undefined, Change['expect'][number]][] = [
      [undefined, { kind: 'tag', environment, tag: 'live', revision: 3, name: 'shop/dev' }],
      ['TAG_CONFLICT', { kind: 'tag', environment, tag: 'live', revision: 2, name: 'shop/dev' }],
      ['TAG_CONFLICT', { kind: 'tag', environment, tag: 'live', revision: null, name: 'shop/dev' }],
      [undefined, { kind: 'tag', environment, tag: 'new', revision: null, name: 'shop/dev' }],
      [undefined, { ...environmentRow, state: 'present' }],
      [undefined, { ...environmentRow, state: (await store.environments.get(environment))?.change ?? 0 }],
      ['CHANGE_CONFLICT', { ...environmentRow, state: 1 }],
      ['CHANGE_CONFLICT', { ...environmentRow, state: 'absent' }],
      ['CHANGE_CONFLICT', { ...environmentRow, key: { id: 'e-9' }, state: 'present' }],
      ['CHANGE_CONFLICT', { kind: 'head', environment: idOf('e-9'), revision: 0, name: 'shop/gone' }],
      [undefined, { kind: 'lease', lease: 'run-1', owner: 'me', epoch: lease?.epoch ?? 0 }],
      ['CHANGE_CONFLICT', { kind: 'lease', lease: 'run-1', owner: 'me', epoch: 9 }],
      ['CHANGE_CONFLICT', { kind: 'lease', lease: 'run-2', owner: 'me', epoch: 1 }],
    ]
    for (const [code, expectation] of cases) {
      const result = await commit({ expect: [expectation] })
      assert.equal(result.ok ? undefined : result.problem.code, code, JSON.stringify(expectation))
    }
    const late = await commit({
      expect: [{ kind: 'lease', lease: 'run-1', owner: 'me', epoch: lease?.epoch ?? 0 }],
      audit: { ...someAudit, time: 6_000 },
    })
    assert.ok(!late.ok)
  },

  'what refers to nothing, and the removal of what is referred to, are conflicts': async ({ store, commit }) => {
    const orphan = await commit({ writes: [insert('revisions', revisionFields(1))] })
    assert.ok(!orphan.ok && orphan.problem.code === 'CHANGE_CONFLICT')
    await commit({ writes: [insert('environments', environmentFields), insert('revisions', revisionFields(1))] })
    const row = (await store.environments.get(environment)) as EnvironmentRow
    const removal = await commit({ writes: [remove('environments', row)] })
    assert.ok(!removal.ok && removal.problem.code === 'CHANGE_CONFLICT')
  },

  'changes submitted together share commits, keep their order, and fail alone': async ({ store, commit }) => {
    await commit({ writes: [insert('environments', environmentFields)] })
    const before = store.statistics()
    const results = await Promise.all(
      Array.from({ length: 100 }, (_, n) =>
        commit({
          expect: n % 10 === 7 ? [{ kind: 'head', environment, revision: 99, name: 'shop/dev' }] : [],
          writes: [insert('revisions', revisionFields(n + 1))],
        }),
      ),
    )
    const after = store.statistics()
    assert.equal(results.filter((result) => !result.ok).length, 10)
    assert.equal(after.changes - before.changes, 90)
    assert.ok(after.commits - before.commits < 10, `${after.commits - before.commits} commits`)
    const numbers = (await store.revisions.list(environment, { limit: 200 })).map((row) => row.number)
    assert.deepEqual(
      numbers,
      Array.from({ length: 100 }, (_, n) => 100 - n).filter((number) => (number - 1) % 10 !== 7),
    )
    const log = await store.audit.page({ limit: 1_000 })
    assert.deepEqual(
      log.map((record) => record.leaf),
      log.map((_, n) => n),
    )
  },

  'listeners hear of every commit in order, with names and numbers only': async ({ store, commit }) => {
    const heard: unknown[] = []
    const stop = store.onCommit(({ environments, tags, tables: written }) => heard.push({ environments, tags, written }))
    store.onCommit(() => {
      throw new Error('a listener that fails')
    })
    await commit({ writes: [insert('environments', environmentFields), insert('revisions', revisionFields(1))] })
    await commit({ writes: [insert('tags', tagFields)] })
    const tag = await store.tags.get(environment, 'live')
    assert.ok(tag)
    await commit({ writes: [remove('tags', tag)] })
    await commit({ expect: [{ kind: 'tag', environment, tag: 'live', revision: 8, name: 'x' }] })
    stop()
    await commit({ writes: [insert('tags', tagFields)] })
    assert.deepEqual(heard, [
      { environments: [{ id: environment, revision: 1 }], tags: [], written: ['environments', 'revisions'] },
      { environments: [], tags: [{ environment, tag: 'live', revision: 1 }], written: ['tags'] },
      { environments: [], tags: [{ environment, tag: 'live', revision: null }], written: ['tags'] },
    ])
  },

  'after its end nothing is written any more': async ({ store, commit }) => {
    const last = commit({ writes: [insert('environments', environmentFields)] })
    await store.close()
    assert.ok((await last).ok)
    await assert.rejects(commit({}), { code: 'STORE_CLOSED' })
  },
}
