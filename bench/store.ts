/**
 * Audited durable writes and sealed reads beside bare SQLite commits, on the same disk and taking turns.
 *
 *   node --conditions=source bench/store.ts [--full]
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { type AuditRecord, type EnvironmentId, type OrganisationId, type PrincipalId, type RecordId, Secret, idOf } from '@headgate/model'
import { insert } from '@headgate/store'
import { type SealedStore, keyFileSource, openSealedStore, verifyAudit } from '@headgate/vault'
import { cpuOf, median } from './measure.ts'
import type { BenchOptions, BenchTable } from './table.ts'

const WRITERS = 16
const VALUE_BYTES = 256
/** The share of the bare commit rate that audited writes must reach. */
const SHARE = 0.6
const BARE_ENOUGH = 3_300
const WRITES_WANTED = 2_000
const SECRETS = 1_000

const organisation: OrganisationId = idOf('organisation-0001')
const environment: EnvironmentId = idOf('environment-0001')
const owner: PrincipalId = idOf('principal-0001')
const place = { organisation, environment }
const time = 1_700_000_000_000

export async function bench({ full }: BenchOptions): Promise<BenchTable[]> {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-bench-'))
  const sealed = await openSealedStore({ folder: join(folder, 'data'), keySource: keyFileSource({ file: join(folder, 'key') }) })
  try {
    await found(sealed)
    const writes = await writing(sealed, join(folder, 'bare.db'), full)
    const reads = await reading(sealed, full)
    return [writes, reads, await verifying(sealed)]
  } finally {
    await sealed.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Turn {
  readonly perSecond: number
  readonly cpuMicroseconds: number
}

async function writing(sealed: SealedStore, bareFile: string, full: boolean): Promise<BenchTable> {
  const bare = bareCommits(bareFile)
  const seconds = full ? 2 : 0.4
  const rounds = full ? 9 : 5
  const turns: { bare: Turn[]; secret: Turn[]; save: Turn[] } = { bare: [], secret: [], save: [] }
  const statistics = { changes: 0, commits: 0 }
  for (let round = -1; round < rounds; round += 1) {
    const bareTurn = await turn(1, seconds, async () => bare.commit())
    const before = sealed.store.statistics()
    const secretTurn = await turn(WRITERS, seconds, () => writeSecret(sealed))
    const after = sealed.store.statistics()
    const saveTurn = await turn(WRITERS, seconds, saver(sealed))
    if (round < 0) continue
    turns.bare.push(bareTurn)
    turns.secret.push(secretTurn)
    turns.save.push(saveTurn)
    statistics.changes += after.changes - before.changes
    statistics.commits += after.commits - before.commits
  }
  bare.close()
  const bareRate = median(turns.bare.map((each) => each.perSecond))
  const row = (name: string, own: readonly Turn[]) => {
    const ratio = median(own.map((each, n) => each.perSecond / (turns.bare[n]?.perSecond ?? Number.NaN)))
    return { name, value: median(own.map((each) => each.perSecond)), unit: 'per second', comparedTo: 'bare SQLite commits', ratio }
  }
  const secretRow = row(`audited writes of a sealed secret, ${WRITERS} writers`, turns.secret)
  const wanted = bareRate >= BARE_ENOUGH
  return {
    title: 'Durable writes',
    rows: [
      { name: 'bare SQLite commits', value: bareRate, unit: 'per second' },
      {
        ...secretRow,
        target: wanted ? `ratio at least ${SHARE}, and ${WRITES_WANTED.toLocaleString('en-GB')}/s` : `ratio at least ${SHARE}`,
        met: secretRow.ratio >= SHARE && (!wanted || secretRow.value >= WRITES_WANTED),
      },
      row(`saves of an environment (secret, revision, head), ${WRITERS} environments`, turns.save),
      { name: 'processor time of a secret written', value: median(turns.secret.map((each) => each.cpuMicroseconds)), unit: 'CPU µs' },
      { name: 'processor time of an environment saved', value: median(turns.save.map((each) => each.cpuMicroseconds)), unit: 'CPU µs' },
      { name: 'changes in one commit', value: statistics.changes / statistics.commits, unit: 'changes per commit' },
    ],
    notes: [
      'Bare: one row of 512 bytes in one transaction, node:sqlite with WAL and synchronous=FULL, one after the other.',
      'Audited: sealing, MACs, the audit record, the Merkle log and a signed checkpoint are in the figure.',
    ],
  }
}

async function reading(sealed: SealedStore, full: boolean): Promise<BenchTable> {
  const ids = await manySecrets(sealed)
  const seconds = full ? 3 : 0.6
  const single = await turn(32, seconds, () => readSecret(sealed, ids))
  const repeats = full ? 50 : 10
  const whole =
    (await cpuOf(async () => {
      for (let n = 0; n < repeats; n += 1) await openAll(sealed, ids)
    })) / repeats
  return {
    title: 'Sealed reads',
    rows: [
      { name: 'one secret, audited before it leaves, 32 readers', value: single.perSecond, unit: 'per second' },
      { name: 'one secret, audited', value: single.cpuMicroseconds, unit: 'CPU µs' },
      {
        name: `an environment of ${SECRETS.toLocaleString('en-GB')} secrets, read, checked and opened`,
        value: whole / 1000,
        unit: 'CPU ms',
      },
      { name: 'secrets opened that way', value: (SECRETS / whole) * 1e6, unit: 'per CPU second' },
    ],
  }
}

async function verifying(sealed: SealedStore): Promise<BenchTable> {
  let records = 0
  const microseconds = await cpuOf(async () => {
    const report = await verifyAudit(sealed)
    if (!report.ok) throw new Error(report.findings[0]?.message ?? '')
    records = report.checked.records + report.checked.rows
  })
  return {
    title: 'Verification, with reading',
    rows: [
      { name: 'records and rows checked', value: records, unit: 'in this run' },
      { name: 'records and rows', value: (records / microseconds) * 1e6, unit: 'per CPU second' },
    ],
    notes: ['MACs, opened details, leaves, tree, checkpoints, last writers, and every revision opened and chained.'],
  }
}

/** Lets so many workers do something for so long. */
async function turn(workers: number, seconds: number, work: (worker: number) => Promise<unknown>): Promise<Turn> {
  let done = 0
  const began = performance.now()
  const until = began + seconds * 1000
  const microseconds = await cpuOf(async () => {
    await Promise.all(
      Array.from({ length: workers }, async (_, worker) => {
        while (performance.now() < until) {
          await work(worker)
          done += 1
        }
      }),
    )
  })
  return { perSecond: (done / (performance.now() - began)) * 1000, cpuMicroseconds: microseconds / done }
}

function bareCommits(file: string): { commit(): void; close(): void } {
  const database = new DatabaseSync(file)
  database.exec('pragma journal_mode = wal; pragma synchronous = full; create table t (id integer primary key, value blob) strict')
  const statement = database.prepare('insert into t (value) values (?)')
  const value = randomBytes(512)
  return { commit: () => void statement.run(value), close: () => database.close() }
}

function auditOf(action: string): AuditRecord {
  const resource = 'environment:main/shop/production#database.password'
  return { time, organisation, actor: owner, actorName: 'owner', action, resource, outcome: 'ok', details: { revision: 7 } }
}

async function commit({ changes }: SealedStore, writes: ReturnType<typeof insert>[], action: string): Promise<void> {
  const result = await changes.commit({ expect: [], writes, audit: auditOf(action) })
  if (!result.ok) throw new Error(result.problem.message)
}

function newSecret(sealed: SealedStore, where = place) {
  return sealed.vault.sealSecret(where, new Secret(randomBytes(VALUE_BYTES / 2).toString('hex')), time)
}

async function writeSecret(sealed: SealedStore): Promise<void> {
  await commit(sealed, [insert('records', newSecret(sealed).record)], 'secret.write')
}

/** Each worker saves an environment of its own, so that none of them waits for another's revision. */
function saver(sealed: SealedStore): (worker: number) => Promise<void> {
  const text = `values:\n${Array.from({ length: 40 }, (_, n) => `  setting_${n}: value ${n}\n`).join('')}`
  return async (worker) => {
    const id = idOf<'environment'>(`environment-1${worker}`)
    const by = { author: owner, time }
    const row = await sealed.store.environments.get(id)
    if (!row)
      return commit(
        sealed,
        sealed.vault.newEnvironment({ id, organisation, project: 'shop', name: `e${worker}` }, text, by).writes,
        'environment.create',
      )
    const { record } = newSecret(sealed, { organisation, environment: id })
    return commit(sealed, [insert('records', record), ...sealed.vault.newRevision(row, text, by).writes], 'environment.write')
  }
}

async function manySecrets(sealed: SealedStore): Promise<RecordId[]> {
  const secrets = Array.from({ length: SECRETS }, () => newSecret(sealed))
  await commit(
    sealed,
    secrets.map(({ record }) => insert('records', record)),
    'environment.write',
  )
  return secrets.map(({ id }) => id)
}

async function readSecret(sealed: SealedStore, ids: readonly RecordId[]): Promise<Secret> {
  const id = ids[Math.floor(Math.random() * ids.length)] as RecordId
  const row = (await sealed.store.records.get([id])).get(id)
  if (!row) throw new Error('a record is gone')
  const secret = sealed.vault.openSecret(place, row)
  await commit(sealed, [], 'environment.open')
  return secret
}

async function openAll(sealed: SealedStore, ids: readonly RecordId[]): Promise<void> {
  const rows = await sealed.store.records.get(ids)
  for (const row of rows.values()) sealed.vault.openSecret(place, row)
}

async function found(sealed: SealedStore): Promise<void> {
  const by = { author: owner, time }
  const writes = [
    insert('organisations', { id: organisation, name: 'main', created_at: time }),
    ...sealed.vault.newOrganisation(organisation, time),
    ...sealed.vault.newEnvironment({ id: environment, organisation, project: 'shop', name: 'production' }, 'values: {}', by).writes,
  ]
  await commit(sealed, writes, 'organisation.create')
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { terminalTable } = await import('../tools/benching/print.ts')
  for (const table of await bench({ full: process.argv.includes('--full') })) console.log(terminalTable(table))
}
