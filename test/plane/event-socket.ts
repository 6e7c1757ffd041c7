import type { TestContext } from 'node:test'
import { EVENTS_PATH, type ServerFrame } from '@headgate/contract'
import type { Secret } from '@headgate/model'
import { WebSocket } from 'ws'
import { type ServedPlane, main } from './served-plane.ts'

export interface Socket {
  readonly frames: ServerFrame[]
  closed(): number | undefined
  send(frame: object): void
  /** Stops reading, as a program that hangs, until the returned function is called. */
  hang(): () => void
}

/**
 * A socket to a plane that keeps what it hears. `known` lists environments of `shop` to watch, with the revision known of each;
 * `values` wishes for their values too.
 */
export async function listen(
  context: TestContext,
  plane: ServedPlane,
  token: Secret | undefined,
  known: Record<string, number> = {},
  values?: { readonly version?: string },
): Promise<Socket> {
  const socket = new WebSocket(plane.url.replace('http', 'ws') + EVENTS_PATH)
  context.after(() => socket.terminate())
  const frames: ServerFrame[] = []
  let code: number | undefined
  socket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString()) as ServerFrame))
  socket.on('close', (closed) => (code = closed))
  await new Promise((resolve) => socket.once('open', resolve))
  const send = (frame: object): void => socket.send(JSON.stringify(frame))
  if (token) send({ type: 'authenticate', token: token.reveal() })
  const environments = Object.entries(known).map(([environment, revision]) => ({
    ...main('shop', environment),
    known: revision,
    ...(values ? { values } : {}),
  }))
  if (environments.length > 0) send({ type: 'watch', environments })
  const hang = () => {
    socket.pause()
    return () => socket.resume()
  }
  return { frames, closed: () => code, send, hang }
}
