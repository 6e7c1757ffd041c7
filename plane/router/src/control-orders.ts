import type { RouterDrainOrder, RouterFence, RouterPauseOrder, RouterPutTable, RouterResumeOrder, RouterTable } from '@headgate/contract'
import { refused } from './router-error.ts'

/**
 * Orders as they come over the control socket, read field by field: what is not as the contract has it is refused, what
 * it does not know is left out.
 */
type Fields = Readonly<Record<string, unknown>>

/** Whole days in milliseconds would overflow a timer only after 24 of them. */
const LONGEST_MS = 24 * 86_400_000

/** The table itself is checked when it is put, with a list of its faults. */
export function readPutTable(input: unknown): RouterPutTable {
  const order = fieldsOf(input)
  return {
    ...fence(order),
    table: order['table'] as RouterTable,
    expectedRevision: whole(order, 'expectedRevision', Number.MAX_SAFE_INTEGER),
  }
}

export function readDrain(input: unknown): RouterDrainOrder {
  const order = fieldsOf(input)
  const code = order['closeCode']
  if (code !== undefined && code !== 1001 && code !== 1012) throw refused('request-invalid', 'closeCode is neither 1001 nor 1012')
  return {
    ...fence(order),
    upstream: text(order, 'upstream'),
    requestsMs: whole(order, 'requestsMs', LONGEST_MS),
    connectionsMs: whole(order, 'connectionsMs', LONGEST_MS),
    ...(code && { closeCode: code }),
  }
}

export function readPause(input: unknown): RouterPauseOrder {
  const order = fieldsOf(input)
  return {
    ...fence(order),
    service: text(order, 'service'),
    ...(order['holdMs'] !== undefined && { holdMs: whole(order, 'holdMs', LONGEST_MS) }),
    ...(order['lastMs'] !== undefined && { lastMs: whole(order, 'lastMs', LONGEST_MS) }),
  }
}

export function readResume(input: unknown): RouterResumeOrder {
  const order = fieldsOf(input)
  return { ...fence(order), service: text(order, 'service') }
}

export function readStop(input: unknown): { readonly graceMs: number | undefined } {
  const order = fieldsOf(input)
  return { graceMs: order['graceMs'] === undefined ? undefined : whole(order, 'graceMs', LONGEST_MS) }
}

function fence(order: Fields): RouterFence {
  const epoch = whole(order, 'epoch', Number.MAX_SAFE_INTEGER)
  return order['scope'] === undefined ? { epoch } : { epoch, scope: text(order, 'scope') }
}

function fieldsOf(input: unknown): Fields {
  if (typeof input === 'object' && input !== null) return input as Fields
  throw refused('request-invalid', 'an order is an object')
}

function text(order: Fields, name: string): string {
  const value = order[name]
  if (typeof value === 'string' && value.length > 0 && value.length <= 512) return value
  throw refused('request-invalid', `${name} is not a text of 1 to 512 characters`)
}

function whole(order: Fields, name: string, most: number): number {
  const value = order[name]
  if (Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= most) return value as number
  throw refused('request-invalid', `${name} is not a whole number from 0 to ${most}`)
}
