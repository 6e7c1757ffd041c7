import { type Listening, type ServerOptions, startServer } from '@headgate/server'
import type { Store } from '@headgate/store'

const PORT_SETTING = 'server.port'

/**
 * Opens the server on the port asked for. Port 0 takes the one this data folder had before, because instances outlive
 * the plane and come back to where they knew it; if that one is taken, any free one.
 */
export async function listen(store: Store, options: ServerOptions): Promise<Listening> {
  const listening = options.port === 0 ? await listenOnKept(store, options) : await startServer(options)
  await store.settings.put(PORT_SETTING, String(listening.port))
  return listening
}

async function listenOnKept(store: Store, options: ServerOptions): Promise<Listening> {
  const kept = Number((await store.settings.get(PORT_SETTING)) ?? 0)
  if (!Number.isInteger(kept) || kept < 1 || kept > 65_535) return startServer(options)
  try {
    return await startServer({ ...options, port: kept })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause
    return startServer(options)
  }
}
