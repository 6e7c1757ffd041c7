/**
 * Audited durable writes and sealed reads on each database, beside what it does of itself on the same disk, taking turns;
 * and what they cost as a store grows.
 *
 *   node --conditions=source bench/store.ts [--full] [--grow EVENTS [--on DIALECT]]      the growth alone, to so many events and a tenth of revisions
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { type RecordId, type Secret, idOf } from '@headgate/model'
import { insert } from '@headgate/store'
import type { SealedStore } from '@headgate/vault'
import { cpuOf, median } from './measure.ts'
import { type BenchDialect, benchDialects } from './store/databases.ts'
import { type Bare, commit, found, newSecret, organisation, owner, place, time } from './store/ground.ts'
import { type Growth, measureGrowth } from './store/growth.ts'
import type { BenchOptions, BenchTable } from './table.ts'

const WRITERS = 16
/** The share of the bare commit rate that audited writes must reach. */
const SHARE = 0.6
const BARE_ENOUGH = 3_300
const WRITES_WANTED = 2_000
const SECRETS = 1_000
const VALUE_BYTES = 256
/** Secrets opened in one second of one core, records checked and values decrypted. */
const OPENED_WANTED = 100_000
const BARE_READ = 'bare: the row, and one AES-256-GCM'
const longGrowth: Growth = {
  revisions: [1_000, 10_000, 100_000, 1_000_000],
  events: [10_000, 100_000, 1_000_000, 10_000_000],
  repeats: 200,
}
const shortGrowth: Growth = { revisions: [1_000, 4_000], events: [2_000, 8_000], repeats: 30 }

export async function bench({ full }: BenchOptions): Promise<BenchTable[]> {
  const { dialects, missing } = benchDialects()
  const measured: BenchTable[] = []
  for (const dialect of dialects) measured.push(...(await benchOn(dialect, full)))
  const [first] = measured
  if (missing === undefined || !first) return measured
  return [{ ...first, notes: [...(first.notes ?? []), `PostgreSQL was left out: ${missing}.`] }, ...measured.slice(1)]
}

async function benchOn(dialect: BenchDialect, full: boolean): Promise<BenchTable[]> {
  const working = await dialect.open()
  try {
    await found(working.sealed)
    const writes = await writing(working.sealed, working.bare, dialect, full)
    const reads = await reading(working.sealed, working.bare, dialect, full)
    return [writes, reads, ...(await growing(dialect, full ? longGrowth : shortGrowth))]
  } finally {
    await working.close()
  }
}

async function growing(dialect: BenchDialect, growth: Growth): Promise<BenchTable[]> {
  const grown = await dialect.open()
  try {
    return await measureGrowth(grown, dialect.name, growth)
  } finally {
    await grown.close()
  }
}

/** Four sizes, each ten times the one before. */
function growthTo(events: number): Growth {
  const sizes = [1_000, 100, 10, 1].map((part) => Math.ceil(events / part))
  return { events: sizes, revisions: sizes.map((size) => Math.ceil(size / 10)), repeats: longGrowth.repeats }
}

interface Turn {
  readonly perSecond: number
  readonly cpuMicroseconds: number
}

async function writing(sealed: SealedStore, bare: Bare, { name: dialect, limit }: BenchDialect, full: boolean): Promise<BenchTable> {
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
  const bareRate = median(turns.bare.map((each) => each.perSecond))
  const row = (name: string, own: readonly Turn[]) => {
    const ratio = median(own.map((each, n) => each.perSecond / (turns.bare[n]?.perSecond ?? Number.NaN)))
    return { name, value: median(own.map((each) => each.perSecond)), unit: 'per second', comparedTo: limit, ratio }
  }
  const secretRow = row(`audited writes of a sealed secret, ${WRITERS} writers`, turns.secret)
  const wanted = bareRate >= BARE_ENOUGH
  return {
    title: `Durable writes on ${dialect}`,
    rows: [
      { name: limit, value: bareRate, unit: 'per second' },
      {
        ...secretRow,
        ...(dialect === 'SQLite'
          ? {
              target: wanted ? `ratio at least ${SHARE}, and ${WRITES_WANTED.toLocaleString('en-GB')}/s` : `ratio at least ${SHARE}`,
              met: secretRow.ratio >= SHARE && (!wanted || secretRow.value >= WRITES_WANTED),
            }
          : {}),
      },
      row(`saves of an environment (secret, revision, head), ${WRITERS} environments`, turns.save),
      { name: 'processor time of a secret written', value: median(turns.secret.map((each) => each.cpuMicroseconds)), unit: 'CPU µs' },
      { name: 'processor time of an environment saved', value: median(turns.save.map((each) => each.cpuMicroseconds)), unit: 'CPU µs' },
      { name: 'changes in one commit', value: statistics.changes / statistics.commits, unit: 'changes per commit' },
    ],
    notes: [
      'Bare: one row of 512 bytes in one transaction, one after the other; SQLite with WAL and synchronous=FULL, PostgreSQL with fsync, on loopback.',
      'Audited: sealing, MACs, the audit record, the Merkle log and a signed checkpoint are in the figure.',
    ],
  }
}

async function reading(sealed: SealedStore, bare: Bare, { name: dialect }: BenchDialect, full: boolean): Promise<BenchTable> {
  const ids = await manySecrets(sealed)
  const seconds = full ? 3 : 0.6
  const bareRead = await turn(1, seconds, bareReader(bare))
  const single = await turn(32, seconds, () => readSecret(sealed, ids))
  const repeats = full ? 50 : 10
  const whole =
    (await cpuOf(async () => {
      for (let n = 0; n < repeats; n += 1) await openAll(sealed, ids)
    })) / repeats
  return {
    title: `Sealed reads on ${dialect}`,
    rows: [
      { name: BARE_READ, value: bareRead.cpuMicroseconds, unit: 'CPU µs' },
      { name: 'one secret, audited before it leaves, 32 readers', value: single.perSecond, unit: 'per second' },
      {
        name: 'one secret, audited',
        value: single.cpuMicroseconds,
        unit: 'CPU µs',
        comparedTo: BARE_READ,
        ratio: single.cpuMicroseconds / bareRead.cpuMicroseconds,
      },
      {
        name: `an environment of ${SECRETS.toLocaleString('en-GB')} secrets, read, checked and opened`,
        value: whole / 1000,
        unit: 'CPU ms',
        comparedTo: BARE_READ,
        ratio: whole / SECRETS / bareRead.cpuMicroseconds,
      },
      {
        name: 'secrets opened that way',
        value: (SECRETS / whole) * 1e6,
        unit: 'per CPU second',
        target: `at least ${OPENED_WANTED.toLocaleString('en-GB')}`,
        met: (SECRETS / whole) * 1e6 >= OPENED_WANTED,
      },
    ],
    notes: ['Bare: a row by its key, and one AES-256-GCM over as many bytes; no MAC, no key of its own, no record.'],
  }
}

/** What a read of a sealed value cannot do without: a row by its key, and one decryption. */
function bareReader(bare: Bare): () => Promise<void> {
  const [key, iv] = [randomBytes(32), randomBytes(12)]
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  const ciphertext = Buffer.concat([cipher.update(randomBytes(VALUE_BYTES)), cipher.final()])
  const tag = cipher.getAuthTag()
  return async () => {
    await bare.read()
    const decipher = createDecipheriv('aes-256-gcm', key, iv)
    decipher.setAuthTag(tag)
    decipher.update(ciphertext)
    decipher.final()
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

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { terminalTable } = await import('../tools/benching/print.ts')
  const { values } = parseArgs({ options: { full: { type: 'boolean', default: false }, grow: { type: 'string' }, on: { type: 'string' } } })
  if (values.grow === undefined) for (const table of await bench(values)) console.log(terminalTable(table))
  else
    for (const dialect of benchDialects().dialects.filter(({ name }) => name === (values.on ?? name)))
      for (const table of await growing(dialect, growthTo(Number(values.grow)))) console.log(terminalTable(table))
}
