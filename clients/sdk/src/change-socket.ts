import type { ClientFrame, EVENTS_PATH as ContractPath, ServerFrame } from '@headgate/contract'
import type { Secret } from '@headgate/model'
import type { Clock } from './surroundings.ts'

/** The contract's own constant stands beside its schemas, whose library is too heavy here; the type keeps the two equal. */
export const EVENTS_PATH: typeof ContractPath = '/api/v1/events'

/** How often a silent connection is probed, in milliseconds; unanswered by the next time, it counts as lost. */
const PROBE_EVERY_MS = 30_000
const HANDSHAKE_WITHIN_MS = 10_000
/** Frames name environments and numbers; nothing sensible is larger. */
const LARGEST_FRAME = 64 * 1024

export interface ChangeSocket {
  send(frame: ClientFrame): void
  /** Drops the connection; `onClose` follows. */
  drop(): void
}

export interface ChangeSocketOptions {
  readonly url: string
  readonly token: Secret
  readonly clock: Clock
  onFrame(frame: ServerFrame): void
  /** Called once, however it ends. */
  onClose(reason: string): void
}

/** Opens one connection to the plane's change notifications. The token goes in the first frame, never in the address. */
export async function openChangeSocket({ url, token, clock, onFrame, onClose }: ChangeSocketOptions): Promise<ChangeSocket> {
  const { WebSocket } = await import('ws')
  const socket = new WebSocket(url.replace(/^http/, 'ws') + EVENTS_PATH, {
    handshakeTimeout: HANDSHAKE_WITHIN_MS,
    maxPayload: LARGEST_FRAME,
    perMessageDeflate: false,
  })
  let reason = 'the plane closed it'
  let answered = true
  let stopProbing = (): void => {}
  const probe = (): void => {
    if (!answered) {
      reason = 'it went silent'
      socket.terminate()
      return
    }
    answered = false
    socket.ping()
    stopProbing = clock.after(PROBE_EVERY_MS, probe)
  }
  socket.on('upgrade', (response) => response.socket.unref())
  socket.on('open', () => {
    socket.send(JSON.stringify({ type: 'authenticate', token: token.reveal() } satisfies ClientFrame))
    stopProbing = clock.after(PROBE_EVERY_MS, probe)
  })
  socket.on('pong', () => (answered = true))
  socket.on('message', (data: Buffer, isBinary) => {
    const frame = isBinary ? undefined : parseFrame(data.toString('utf8'))
    if (frame) onFrame(frame)
  })
  socket.on('error', (error: NodeJS.ErrnoException) => (reason = error.code ?? 'the handshake failed'))
  socket.on('close', () => {
    stopProbing()
    onClose(reason)
  })
  return {
    send: (frame) => {
      if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(frame))
    },
    drop: () => socket.terminate(),
  }
}

/** A frame of a newer plane that is not known here is left aside: the re-check by time covers what it would have said. */
function parseFrame(text: string): ServerFrame | undefined {
  let frame: Partial<Record<string, unknown>> | null
  try {
    frame = JSON.parse(text) as typeof frame
  } catch {
    return undefined
  }
  const named =
    typeof frame?.['organisation'] === 'string' && typeof frame['project'] === 'string' && typeof frame['environment'] === 'string'
  switch (frame?.['type']) {
    case 'ready':
      return frame as unknown as ServerFrame
    case 'revision':
      return named && Number.isInteger(frame['revision']) ? (frame as unknown as ServerFrame) : undefined
    case 'gone':
      return named ? (frame as unknown as ServerFrame) : undefined
    case 'refused':
      return typeof frame['code'] === 'string' ? (frame as unknown as ServerFrame) : undefined
    default:
      return undefined
  }
}
