import { createServer } from 'node:net'

/** A port nobody listens on now. It may be taken before its user is there, so a start that fails for that is repeated. */
export async function freePort(avoid: ReadonlySet<number> = new Set()): Promise<number> {
  for (;;) {
    const port = await listenOn(0)
    if (port !== undefined && !avoid.has(port)) return port
  }
}

/** Whether a port of this machine can be listened on. */
export async function isFree(port: number): Promise<boolean> {
  return (await listenOn(port)) !== undefined
}

function listenOn(port: number): Promise<number | undefined> {
  const { promise, resolve } = Promise.withResolvers<number | undefined>()
  const server = createServer()
  server.once('error', () => resolve(undefined))
  // Without an address: on every one, as most programs listen.
  server.listen(port, () => {
    const address = server.address()
    const found = typeof address === 'object' && address ? address.port : undefined
    server.close(() => resolve(found))
  })
  return promise
}
