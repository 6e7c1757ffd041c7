import type { ClientFrame, EVENTS_PATH as ContractPath, LARGEST_VALUES as ContractLimit, ServerFrame } from '@headgate/contract'
import type { Secret } from '@headgate/model'
import { RecurringParts } from './recurring-parts.ts'
import type { JsonObject } from './snapshot.ts'
import type { Clock } from './surroundings.ts'

/** The contract's own constants stand beside its schemas, whose library is too heavy here; the types keep them equal. */
export const EVENTS_PATH: typeof ContractPath = '/api/v1/events'
const LARGEST_VALUES: typeof ContractLimit = 1_048_576

/** How often a silent connection is probed, in milliseconds; unanswered by the next time, it counts as lost. */
const PROBE_EVERY_MS = 30_000
const HANDSHAKE_WITHIN_MS = 10_000
/** Values, and the names and numbers around them; nothing sensible is larger. */
const LARGEST_FRAME = LARGEST_VALUES + 64 * 1024

export interface ChangeSocket {
  send(frame: ClientFrame): void
  /** Values that are at hand, so that what frames repeat of them need not be read. */
  startWith(values: JsonObject): void
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
  const parts = new RecurringParts()
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
    const frame = isBinary ? undefined : parseFrame(data.toString('utf8'), parts)
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
    startWith: (values) => parts.startWith(values),
    drop: () => socket.terminate(),
  }
}

/** A frame of a newer plane that is not known here is left aside: the re-check by time covers what it would have said. */
function parseFrame(text: string, parts: RecurringParts): ServerFrame | undefined {
  let frame: Partial<Record<string, unknown>> | null
  try {
    frame = parts.parse(text) as typeof frame
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
    case 'values':
      return named && Number.isInteger(frame['asked']) && typeof frame['opened'] === 'object' && frame['opened'] !== null
        ? (frame as unknown as ServerFrame)
        : undefined
    case 'gone':
      return named ? (frame as unknown as ServerFrame) : undefined
    case 'refused':
      return typeof frame['code'] === 'string' ? (frame as unknown as ServerFrame) : undefined
    default:
      return undefined
  }
}
