import { type TcpNetConnectOpts, connect } from 'node:net'
import { Client, type buildConnector } from 'undici'

/** How long a connection may lie idle when the instance does not say how long it keeps one. Short: reconnecting is cheap, a stale connection is a failed request. */
const IDLE_MS = 1_500
/** How much earlier than the instance announces (`Keep-Alive: timeout=…`) a connection is given up. */
const IDLE_MARGIN_MS = 1_000
const IDLE_MAX_MS = 30_000
/** Head of a response, all header fields together. */
const RESPONSE_HEAD_BYTES = 64 * 1024

const SOCKET_OPTIONS = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000, highWaterMark: 64 * 1024 }

export interface PoolAddress {
  readonly host: string
  readonly port: number
  readonly connectMs: number
}

/** One connection to an instance, carrying one request at a time. */
export interface Connection {
  readonly client: Client
  idle: boolean
}

/** The connection could not be made in time; nothing was sent. */
export class ConnectTimeout extends Error {
  readonly code = 'CONNECT_TIMEOUT'
}

/**
 * The connections to one instance. There are as many as requests at once; the one used last is taken first, so that
 * surplus ones grow old and close. Before a used connection carries another request, undici lets the event loop turn once, so an end of the
 * connection that already arrived is seen before anything is written.
 */
export class ConnectionPool {
  readonly #address: PoolAddress
  readonly #idle: Connection[] = []
  #closed = false

  constructor(address: PoolAddress) {
    this.#address = address
  }

  take(): Connection {
    const connection = this.#idle.pop()
    if (!connection) return this.#open()
    connection.idle = false
    return connection
  }

  /** Takes a connection back after its request. One that has ended, or a pool that was closed, drops it. */
  give(connection: Connection, reusable: boolean): void {
    if (this.#closed || !reusable) return drop(connection)
    connection.idle = true
    this.#idle.push(connection)
  }

  /** Ends idle connections now and those in use when they come back, so an instance that shuts down is not kept waiting. */
  close(): void {
    this.#closed = true
    for (const connection of this.#idle.splice(0)) drop(connection)
  }

  /** After `close`, when the instance gets traffic again. */
  reopen(): void {
    this.#closed = false
  }

  #open(): Connection {
    const { host, port } = this.#address
    const client = new Client(`http://${host.includes(':') ? `[${host}]` : host}:${port}`, {
      connect: connector(this.#address),
      pipelining: 1,
      allowH2: false,
      // Waiting for a response is limited by the sweep of exchanges, which also knows whose turn it is to send.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: IDLE_MS,
      keepAliveTimeoutThreshold: IDLE_MARGIN_MS,
      keepAliveMaxTimeout: IDLE_MAX_MS,
      maxHeaderSize: RESPONSE_HEAD_BYTES,
    })
    const connection: Connection = { client, idle: false }
    client.on('disconnect', () => this.#ended(connection))
    return connection
  }

  #ended(connection: Connection): void {
    if (!connection.idle) return
    this.#idle.splice(this.#idle.indexOf(connection), 1)
    connection.idle = false
    drop(connection)
  }
}

function drop(connection: Connection): void {
  connection.client.destroy().catch(() => {})
}

/** Connects to the address of the table and nothing else: the Host header of a request has no say in where it goes. */
function connector({ host, port, connectMs }: PoolAddress): buildConnector.connector {
  return (_options, callback) => {
    const options: TcpNetConnectOpts & { highWaterMark: number } = { ...SOCKET_OPTIONS, host, port }
    const socket = connect(options)
    const timer = setTimeout(() => socket.destroy(new ConnectTimeout(`no connection within ${connectMs} ms`)), connectMs)
    const failed = (error: Error): void => {
      clearTimeout(timer)
      callback(error, null)
    }
    socket.once('error', failed)
    socket.once('connect', () => {
      clearTimeout(timer)
      socket.off('error', failed)
      callback(null, socket)
    })
  }
}
