import type { Secret } from '@headgate/model'
import pg from 'pg'

/** What a connection is for decides how long it may keep the server waiting. */
export type Purpose = 'write' | 'read' | 'snapshot' | 'listen'

export interface Limits {
  /** Connections for reads at the same time. */
  readonly readers: number
  /** How long a statement may take, in milliseconds. */
  readonly statement: number
  /** How long the writer waits for its turn, in milliseconds. */
  readonly turn: number
  /** How long a transaction may stand still before the server ends it: what a stopped process costs the others, in milliseconds. */
  readonly idle: number
  /** How long a connection may take to come about, in milliseconds. */
  readonly connect: number
}

export const defaultLimits: Limits = { readers: 10, statement: 30_000, turn: 20_000, idle: 10_000, connect: 10_000 }

/** Longer than the server takes to give up, so that its answer is the one that counts; in milliseconds. */
const GRACE = 5_000

const INT8 = 20

/** Whole numbers of the database are counts and milliseconds, which a number holds exactly. */
const types: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (oid === INT8 && format !== 'binary') return (text: string) => Number(text)
    return (pg.types.getTypeParser as (oid: number, format?: string) => unknown)(oid, format)
  },
}

/** How to connect for a purpose. TLS is what the address says. */
export function clientConfig(address: Secret, purpose: Purpose, limits: Limits): pg.ClientConfig {
  const long = purpose === 'snapshot' || purpose === 'listen'
  return {
    connectionString: address.reveal(),
    application_name: `headgate ${purpose}`,
    connectionTimeoutMillis: limits.connect,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    types,
    ...(long
      ? {}
      : {
          statement_timeout: limits.statement,
          lock_timeout: limits.turn,
          query_timeout: limits.statement + GRACE,
          idle_in_transaction_session_timeout: limits.idle,
        }),
  }
}

/** Told of a client that is gone; perhaps twice, and perhaps before it was connected. */
export type Lost = (client: pg.Client) => void

/** A connected client whose death is told to `lost` instead of ending the process. */
export async function connect(config: pg.ClientConfig, lost: Lost = () => undefined): Promise<pg.Client> {
  const client = new pg.Client(config)
  client.on('error', () => lost(client))
  client.on('end', () => lost(client))
  try {
    await client.connect()
    return client
  } catch (error) {
    end(client)
    throw error
  }
}

/** Ends a client without waiting: its server may not answer any more. */
export function end(client: pg.Client): void {
  client.end().catch(() => undefined)
}
