import { createHash } from 'node:crypto'
import type { CommitNotice } from '@headgate/model'

/** Where the nodes of one database tell each other of commits, and who speaks. */
export interface Channel {
  readonly name: string
  /** Random, made with each opening: nobody is told of what it did itself. */
  readonly origin: string
}

/** What goes over the channel. `commits` is absent where they are too many to be told one by one. */
export interface Message {
  readonly origin: string
  readonly last: number
  readonly commits?: readonly CommitNotice[]
}

/** The server takes less than 8,000 bytes. */
const LIMIT = 7_500

export function channelName(schema: string): string {
  return `headgate_${createHash('sha256').update(schema).digest('hex').slice(0, 16)}`
}

/** The statement that tells of commits with the transaction it stands in; empty where there is nothing to tell. */
export function notify({ name, origin }: Channel, commits: readonly CommitNotice[]): string {
  const last = commits.at(-1)?.change
  if (last === undefined) return ''
  const whole = JSON.stringify({ origin, last, commits } satisfies Message)
  const text = Buffer.byteLength(whole) <= LIMIT ? whole : JSON.stringify({ origin, last } satisfies Message)
  return `select pg_notify('${name}', ${quotedText(text)});`
}

/** A text as a literal of SQL, whatever the server thinks of backslashes. */
function quotedText(text: string): string {
  return `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
}

/** A message of the channel; undefined for what no node has written. */
export function readMessage(text: string | undefined): Message | undefined {
  try {
    const message = JSON.parse(text ?? '') as Message
    return typeof message.origin === 'string' && Number.isSafeInteger(message.last) ? message : undefined
  } catch {
    return undefined
  }
}
