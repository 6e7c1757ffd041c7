import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'

/**
 * A port on which nothing listened a moment ago.
 *
 * Only for what cannot be told `port 0`: between this answer and its use another process may take the port.
 */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  const server = createServer().listen(0, host)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
