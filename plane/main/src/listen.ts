import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { hostname } from 'node:os'
import { type Listening, type ServerOptions, startServer } from '@headgate/server'
import type { Database, Store } from '@headgate/store'

/** Where a data folder's port is kept: nodes that share a database have a name each. */
function portSetting({ shared, folder }: Database): string {
  return shared ? `server.port:${createHash('sha256').update(`${hostname()}:${folder}`).digest('hex').slice(0, 16)}` : 'server.port'
}

/**
 * Opens the server on the port asked for. Port 0 takes the one this data folder had before, because instances outlive
 * the plane and come back to where they knew it; if that one is taken, any free one.
 */
export async function listen(database: Database, store: Store, options: ServerOptions): Promise<Listening> {
  const setting = portSetting(database)
  const kept = options.port === 0 ? Number((await store.settings.get(setting)) ?? 0) : 0
  const listening = await startServer((await canBeHad(options, kept)) ? { ...options, port: kept } : options)
  await store.settings.put(setting, String(listening.port))
  return listening
}

/**
 * Shows that the address and port asked for can be had, so that nothing is begun where they cannot.
 *
 * @throws the system's own error, EADDRINUSE for example
 */
export async function provePort({ host, port }: Pick<ServerOptions, 'host' | 'port'>): Promise<void> {
  const probe = createServer().listen({ host, port, exclusive: true })
  await once(probe, 'listening')
  probe.close()
  await once(probe, 'close')
}

/** Whether a data folder can have its port again; a copy that was restored beside its plane finds the plane's taken. */
async function canBeHad({ host }: Pick<ServerOptions, 'host'>, kept: number): Promise<boolean> {
  if (!Number.isInteger(kept) || kept < 1 || kept > 65_535) return false
  try {
    await provePort({ host, port: kept })
    return true
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause
    return false
  }
}
