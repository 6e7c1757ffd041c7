import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Secret } from '@headgate/model'
import { type Connection, DATABASE_FILE } from '@headgate/store'
import { type SealedStore, keyFileSource, openSealedStore } from '@headgate/vault'
import { clientConfig, connect, defaultLimits } from '../../plane/store/src/postgres/connect.ts'
import { connectionOn } from '../../plane/store/src/postgres/open.ts'
import { connectionOf } from '../../plane/store/src/sqlite/connection.ts'
import { type PostgresServer, postgresMissing, startServer } from '../../test/postgres-kit.ts'
import type { Bare } from './ground.ts'

/** A new store of one dialect, with what it is measured beside. */
export interface BenchDatabase {
  readonly sealed: SealedStore
  readonly bare: Bare
  /** Writes in bulk, without waiting for the disk, while nothing else does. */
  readonly load: Connection
  close(): Promise<void>
}

export interface BenchDialect {
  readonly name: string
  /** What its bare commits are called. */
  readonly limit: string
  open(): Promise<BenchDatabase>
}

/** The dialects this machine has, and what it lacks, in words. */
export function benchDialects(): { dialects: BenchDialect[]; missing: string | undefined } {
  const missing = postgresMissing()
  const sqlite: BenchDialect = { name: 'SQLite', limit: 'bare SQLite commits', open: openSqlite }
  if (missing !== undefined) return { dialects: [sqlite], missing }
  let server: Promise<PostgresServer> | undefined
  const open = async () => openPostgres(await (server ??= startServer({ durable: true })))
  return { dialects: [sqlite, { name: 'PostgreSQL', limit: 'bare PostgreSQL commits', open }], missing }
}

const ROW = 512

async function openSqlite(): Promise<BenchDatabase> {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-bench-'))
  const sealed = await openSealedStore({ folder: join(folder, 'data'), keySource: keyFileSource({ file: join(folder, 'key') }) })
  const bare = new DatabaseSync(join(folder, 'bare.db'))
  bare.exec('pragma journal_mode = wal; pragma synchronous = full; create table t (id integer primary key, value blob) strict')
  const [add, get] = [bare.prepare('insert into t (value) values (?)'), bare.prepare('select * from t where id = ?')]
  const value = randomBytes(ROW)
  const raw = new DatabaseSync(join(folder, 'data', DATABASE_FILE))
  raw.exec('pragma synchronous = off')
  const load = connectionOf(raw)
  return {
    sealed,
    bare: { commit: () => void add.run(value), read: () => void get.all(1) },
    load,
    async close() {
      load.close()
      bare.close()
      await sealed.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function openPostgres(server: PostgresServer): Promise<BenchDatabase> {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-bench-'))
  const name = `bench_${randomBytes(6).toString('hex')}`
  await server.query(`create database ${name}`)
  const address = new Secret(server.address(name))
  const sealed = await openSealedStore({ folder: join(folder, 'data'), address, keySource: keyFileSource({ file: join(folder, 'key') }) })
  const config = clientConfig(address, 'snapshot', defaultLimits)
  const [bare, loading] = [await connect(config), await connect(config)]
  await bare.query('create table t (id bigserial primary key, value bytea)')
  await loading.query('set synchronous_commit = off')
  const value = randomBytes(ROW)
  return {
    sealed,
    bare: {
      commit: async () => void (await bare.query({ name: 'add', text: 'insert into t (value) values ($1)', values: [value] })),
      read: async () => void (await bare.query({ name: 'get', text: 'select * from t where id = $1', values: [1] })),
    },
    load: connectionOn(loading),
    async close() {
      await Promise.all([bare.end(), loading.end()])
      await sealed.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
