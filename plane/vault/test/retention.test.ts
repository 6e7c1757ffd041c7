import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { checkAuditProof, createExportCheck } from '@headgate/crypto'
import { insert, update } from '@headgate/store'
import { type SealedStore, exportLog, identifyLog, proveGrowth, proveRecord, pruneLog, verifyAudit, writtenRecord } from '@headgate/vault'
import { auditOf, commit, dev, found, openPlace, organisation, owner, temporaryPlace } from './sealed-folder.ts'

const BEGIN = 1_700_000_000_000
const HOUR = 3_600_000

/** A log of so many records, one an hour, that write a tag again and again and make a project each. */
async function grown(t: TestContext, records: number) {
  const place = temporaryPlace(t)
  const clock = { time: BEGIN }
  const sealed = await openPlace(place, { now: () => clock.time })
  await found(sealed)
  await commit(sealed, [insert('tags', { environment: dev, name: 'old', revision: 1, author: owner, moved_at: 1 })])
  await commit(sealed, [insert('tags', { environment: dev, name: 'stable', revision: 1, author: owner, moved_at: 1 })])
  await growTo(sealed, clock, records)
  return { place, sealed, clock, prune: (before: number) => pruned(sealed, before, clock.time) }
}

/** A record an hour; many share a commit, in their order. */
async function growTo(sealed: SealedStore, clock: { time: number }, records: number): Promise<void> {
  for (let missing = records - (await sealed.store.audit.size()); missing > 0; missing = records - (await sealed.store.audit.size())) {
    await write(sealed, (clock.time += HOUR))
    const more = Array.from({ length: Math.min(missing - 1, 40) }, () => (clock.time += HOUR))
    await Promise.all(more.map((time) => commit(sealed, [project(time)], { ...auditOf('test.write', { time }), time })))
  }
}

function project(time: number) {
  return insert('projects', { organisation, name: `p${time}`, created_at: time })
}

async function write(sealed: SealedStore, time: number): Promise<void> {
  const tag = await sealed.store.tags.get(dev, 'stable')
  assert.ok(tag)
  const writes = [update('tags', tag, { moved_at: time }), project(time)]
  await commit(sealed, writes, { ...auditOf('test.write', { time }), time })
}

function pruned(sealed: SealedStore, before: number, now: number) {
  const audit = { organisation, actor: owner, actorName: 'owner', action: 'audit.segment', resource: 'organisation:main' }
  return pruneLog({ vault: sealed.vault, store: sealed.store, changes: sealed.changes, before, now, audit })
}

test('old records go in whole tiles, what remains verifies, and the pruning is on record', async (t) => {
  const { place, sealed, clock, prune } = await grown(t, 700)
  const checkpoint = sealed.vault.checkpoint()
  const older = await sealed.store.audit.range(0, 1)
  assert.deepEqual(await prune(BEGIN - 1), { records: 0, end: 0 })
  assert.deepEqual(await prune(BEGIN + 300 * HOUR), { records: 256, end: 256 })
  assert.equal((await sealed.store.audit.range(0, 256)).length, 0)
  assert.deepEqual((await verifyAudit({ ...sealed, ...(checkpoint === undefined ? {} : { checkpoint }) })).findings, [])
  assert.deepEqual(await prune(clock.time + HOUR), { records: 256, end: 512 })
  const [record] = await sealed.store.audit.page({ action: 'audit.segment', order: 'newest', limit: 1 })
  assert.equal(record && sealed.vault.openAudit(record).details?.['end'], 512)
  await write(sealed, (clock.time += HOUR))
  assert.deepEqual((await verifyAudit({ ...sealed, ...(checkpoint === undefined ? {} : { checkpoint }) })).findings, [])
  assert.equal(older.length, 1)
  await sealed.close()
  const again = await openPlace(place)
  assert.deepEqual((await verifyAudit(again)).findings, [])
  await commit(again, [])
  assert.deepEqual((await verifyAudit(again)).findings, [])
  await again.close()
})

test('a removal that was cut off goes on at the next pruning', async (t) => {
  const { sealed, clock, prune } = await grown(t, 600)
  const cut = {
    ...sealed,
    store: { ...sealed.store, audit: { ...sealed.store.audit, drop: async () => Promise.reject(new Error('cut off')) } },
  }
  await assert.rejects(pruned(cut, clock.time, clock.time), /cut off/)
  assert.deepEqual((await verifyAudit(sealed)).findings, [])
  assert.deepEqual(await prune(clock.time), { records: 512, end: 512 })
  assert.deepEqual((await verifyAudit(sealed)).findings, [])
  await sealed.close()
})

test('behind a pruning, what was removed before it cannot be put back, and what was replaced cannot be replayed', async (t) => {
  const { sealed, clock } = await grown(t, 400)
  const { all, run } = sealed.database.write
  const [old] = await all(`select * from "tags" where "name" = 'stable'`)
  const gone = await sealed.store.tags.get(dev, 'old')
  assert.ok(old && gone)
  await commit(sealed, [{ op: 'delete', table: 'tags', row: { ...gone } }])
  await growTo(sealed, clock, 600)
  const end = (await pruned(sealed, clock.time, clock.time)).end
  assert.equal(end, 512)
  const putBack = async (row: object) => {
    const columns = Object.keys(row)
    const places = columns.map(() => '?').join(', ')
    await run(`insert or replace into "tags" (${columns.map((name) => `"${name}"`).join(', ')}) values (${places})`, Object.values(row))
  }
  await putBack(gone)
  await putBack(old)
  const codes = (await verifyAudit(sealed)).findings.map(({ code, key }) => `${code} ${key}`)
  assert.deepEqual(codes.toSorted(), [`ROW_REPLAYED ${dev}/stable`, `ROW_UNKNOWN ${dev}/old`])
  await run('delete from "audit_segments"')
  const report = await verifyAudit(sealed)
  assert.ok(report.findings.some(({ code }) => code === 'RECORD_MISSING'))
  await sealed.close()
})

test('records taken out behind the end of what was pruned are still missed', async (t) => {
  const { sealed, clock } = await grown(t, 600)
  await pruned(sealed, BEGIN + 300 * HOUR, clock.time)
  await sealed.database.write.run('delete from "audit" where "leaf" = 300')
  const [finding] = (await verifyAudit(sealed)).findings
  assert.equal(finding?.code, 'RECORD_MISSING')
  assert.equal(finding?.leaf, 300)
  await sealed.database.write.run(`update "audit_tiles" set "hashes" = zeroblob(8192) where "level" = 0 and "position" = 0`)
  assert.ok((await verifyAudit(sealed)).findings.some(({ code }) => code === 'CHECKPOINT_DIFFERS' || code === 'TILE_DIFFERS'))
  await sealed.close()
})

test('a damaged record is not let go of', async (t) => {
  const { sealed, prune, clock } = await grown(t, 520)
  await sealed.database.write.run(`update "audit" set "actor_name" = 'somebody' where "leaf" = 100`)
  await assert.rejects(prune(clock.time), { code: 'LOG_DIVERGED' })
  assert.equal((await sealed.store.audit.range(0, 10)).length, 10)
  await sealed.close()
})

test('an export of any part is checked without the plane, also when the log has let go of it', async (t) => {
  const { sealed, prune, clock } = await grown(t, 530)
  const { verifierKey } = identifyLog(sealed.vault)
  for (const [from, until] of [
    [undefined, undefined],
    [BEGIN + 100 * HOUR, BEGIN + 101 * HOUR],
    [BEGIN + 37 * HOUR, BEGIN + 444 * HOUR],
    [clock.time + HOUR, undefined],
  ]) {
    const lines = await exported(sealed, from, until)
    const verdict = checked(lines, verifierKey)
    assert.equal(verdict.mistake, undefined)
    assert.equal(verdict.records, lines.length - 2)
    assert.equal(verdict.size, 530)
  }
  const lines = await exported(sealed, BEGIN + 100 * HOUR, BEGIN + 120 * HOUR)
  assert.equal(lines.length, 22)
  await prune(clock.time)
  assert.equal(checked(lines, verifierKey).mistake, undefined)
  for (const [spoil, expected] of spoilings) assert.match(checked(spoil([...lines]), verifierKey).mistake ?? '', expected)
  assert.match(checked(lines, 'headgate/0+00000000+AAAA').mistake ?? '', /another log/)
  await sealed.close()
})

const spoilings: readonly (readonly [(lines: string[]) => string[], RegExp])[] = [
  [(lines) => lines.toSpliced(5, 1), /record \d+ is missing/],
  [(lines) => lines.toSpliced(5, 2, lines[6] ?? '', lines[5] ?? ''), /is missing/],
  [(lines) => lines.with(5, (lines[5] ?? '').replace('"actor_name":"owner"', '"actor_name":"other"')), /not those the log held/],
  [(lines) => lines.with(5, (lines[5] ?? '').replace('"details":{"time":1', '"details":{"time":2')), /details of record \d+ were changed/],
  [(lines) => lines.with(5, withMembers(lines[5], { salt: undefined, content: { details: { time: 2 } } })), /without what proves them/],
  [(lines) => lines.with(5, withMembers(lines[5], { reason: 'made up' })), /no record this program knows/],
  [(lines) => lines.with(5, withMembers(lines[5], { hasOwnProperty: 'leaf' })), /no record this program knows/],
  [(lines) => lines.with(5, withMembers(lines[5], { digest: 5 })), /no record this program knows/],
  [(lines) => lines.with(0, withMembers(lines[0], { peaks: undefined })), /not that of an export/],
  [(lines) => lines.with(0, withMembers(lines[0], { first: -1 })), /not that of an export/],
  [(lines) => [...lines.slice(0, -1), withMembers(lines.at(-1), { hashes: undefined })], /not that of an export/],
  [(lines) => lines.slice(0, -1), /cut off/],
  [(lines) => lines.slice(0, 8).concat(lines.at(-1) ?? ''), /ends in front of/],
  [(lines) => lines.with(0, (lines[0] ?? '').replace('"first":', '"first":1')), /does not fit|missing/],
]

function withMembers(line: string | undefined, members: object): string {
  return JSON.stringify({ ...(JSON.parse(line ?? '') as object), ...members })
}

async function exported({ vault, store }: SealedStore, from?: number, until?: number): Promise<string[]> {
  const result = await exportLog(vault, store, { from, until })
  assert.ok(result.ok)
  const lines = [JSON.stringify(result.value.head)]
  for await (const row of result.value.records) lines.push(JSON.stringify(writtenRecord(vault, row)))
  return [...lines, JSON.stringify(result.value.tail)]
}

function checked(lines: readonly string[], key: string) {
  const check = createExportCheck(key)
  for (const line of lines) check.line(line)
  return check.verdict()
}

test('a record and the growth of the log are proven to whoever keeps its key', async (t) => {
  const { sealed, clock } = await grown(t, 300)
  const { vault, store } = sealed
  const { verifierKey } = identifyLog(vault)
  const kept = vault.checkpoint() ?? ''
  const proof = await proveRecord(vault, store, 17)
  assert.ok(proof.ok)
  assert.deepEqual(checkAuditProof(proof.value, verifierKey), { shows: true, size: 300 })
  const other = { ...proof.value, record: { ...proof.value.record, actor_name: 'other' } }
  assert.equal(checkAuditProof(other, verifierKey).shows, false)
  const { salt: _, ...unsalted } = proof.value.record
  const forged = { ...unsalted, content: { details: { time: 2 } } }
  assert.equal(checkAuditProof({ ...proof.value, record: forged }, verifierKey).shows, false)
  assert.equal(checkAuditProof({ kind: 'inclusion' } as unknown as typeof proof.value, verifierKey).shows, false)
  for (let n = 0; n < 40; n += 1) await write(sealed, (clock.time += HOUR))
  const growth = await proveGrowth(vault, kept)
  assert.ok(growth.ok)
  assert.deepEqual(checkAuditProof(growth.value, verifierKey), { shows: true, size: 340 })
  assert.equal(checkAuditProof({ ...growth.value, hashes: growth.value.hashes.slice(1) }, verifierKey).shows, false)
  assert.equal((await proveRecord(vault, store, 99_999)).ok, false)
  const foreign = await proveGrowth(vault, kept.replace('300\n', '299\n'))
  assert.equal(foreign.ok ? '' : foreign.problem.code, 'CHECKPOINT_FOREIGN')
  await sealed.close()
})
