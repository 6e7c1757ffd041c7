import type { DatabaseFault } from '../connection.ts'

/** The connection a transaction stood on is gone. */
export class ConnectionLost extends Error {}

/** A server that has not answered for longer than it may take. */
export class ServerSilent extends Error {}

/** A commit of which nobody could say what became of it. */
export class CommitUncertain extends Error {}

const FOREIGN_KEY = '23503'
const UNIQUE = '23505'

/** By the first two digits of the server's codes (SQLSTATE, appendix A of its manual). */
const lost: Readonly<Record<string, string>> = {
  '08': 'the connection to the database server was lost',
  '40': 'the database server took the transaction back',
}
const unavailable: Readonly<Record<string, string>> = {
  '28': 'the database server does not let this user in',
  '53': 'the database server is out of disk space, memory or connections',
  '54': 'the database server has reached a limit of its own',
  '55': 'a lock in the database was not to be had in time',
  '58': 'the database server has trouble with its own disk',
}
const exact: Readonly<Record<string, DatabaseFault>> = {
  '25006': { kind: 'unavailable', reason: 'the database server takes no writes: it stands by, or is read-only' },
  '57P01': { kind: 'lost', reason: 'the database server is shutting down' },
  '57P02': { kind: 'lost', reason: 'the database server has crashed' },
  '57P03': { kind: 'unavailable', reason: 'the database server is starting or stopping' },
  '57P05': { kind: 'lost', reason: 'the database server has ended an idle connection' },
  '57014': { kind: 'unavailable', reason: 'the database took too long' },
  '25P03': { kind: 'lost', reason: 'the database server has ended a transaction that stood still' },
  '3D000': { kind: 'unavailable', reason: 'there is no such database on the server' },
  '42501': { kind: 'unavailable', reason: 'the database user may not do this' },
}
/** What Node says of sockets and names. */
const network = /^(?:ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_|ENOENT|EACCES|CERT_|ERR_TLS|ERR_SSL|DEPTH_|SELF_SIGNED|UNABLE_TO)/

/** Tells PostgreSQL's errors apart by their code. The client gives none for a connection that broke off, and for that alone. */
export function postgresFault(error: unknown): DatabaseFault {
  if (error instanceof CommitUncertain) return { kind: 'uncertain', reason: error.message }
  if (error instanceof ConnectionLost) return { kind: 'lost', reason: 'the connection to the database server broke off' }
  if (error instanceof ServerSilent) return { kind: 'unavailable', reason: 'the database server does not answer' }
  const code = (error as { code?: unknown }).code
  if (typeof code !== 'string') return withoutCode(error)
  const known = exact[code]
  if (known) return known
  if (code === FOREIGN_KEY) return { kind: 'constraint', reason: 'something still refers to it, or what it refers to is gone' }
  if (code === UNIQUE) return { kind: 'constraint', reason: 'it exists already' }
  if (network.test(code)) return { kind: 'lost', reason: `no connection to the database server (${code})` }
  if (!/^[0-9A-Z]{5}$/.test(code)) return { kind: 'other', reason: messageOf(error) }
  const kind = code.slice(0, 2)
  if (lost[kind]) return { kind: 'lost', reason: lost[kind] }
  if (unavailable[kind]) return { kind: 'unavailable', reason: unavailable[kind] }
  return { kind: 'other', reason: messageOf(error) }
}

/** An `Error` itself, and no kind of it, is how the client tells of a connection that ended, or took too long. */
function withoutCode(error: unknown): DatabaseFault {
  if (error instanceof Error && error.constructor === Error)
    return { kind: 'lost', reason: 'the connection to the database server broke off' }
  return { kind: 'other', reason: messageOf(error) }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
