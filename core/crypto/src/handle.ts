import type { KeyObject } from 'node:crypto'
import { equalBytes, hmac } from './hash.ts'
import { CanonicalEncoder } from './canonical-encoding.ts'

export const HANDLE_VERSION = 1
export const RECORD_ID_LENGTH = 16
const MAC_LENGTH = 16
const HANDLE_LENGTH = 1 + RECORD_ID_LENGTH + MAC_LENGTH

/**
 * What stands in a document in the place of a secret: the id of its sealed record, with a MAC that shows who made it.
 * There is nothing in it to decrypt.
 *
 * @param record 16 bytes as hexadecimal digits
 */
export function makeHandle(key: KeyObject, record: string): Uint8Array {
  const id = Buffer.from(record, 'hex')
  if (id.length !== RECORD_ID_LENGTH) throw new RangeError('a record id has 16 bytes')
  return Buffer.concat([Uint8Array.of(HANDLE_VERSION), id, macOf(key, id)])
}

/** The record a handle names; undefined for anything `makeHandle` did not make with this key. */
export function parseHandle(key: KeyObject, handle: Uint8Array): string | undefined {
  if (handle.length !== HANDLE_LENGTH || handle[0] !== HANDLE_VERSION) return undefined
  const id = handle.subarray(1, 1 + RECORD_ID_LENGTH)
  if (!equalBytes(macOf(key, id), handle.subarray(1 + RECORD_ID_LENGTH))) return undefined
  return Buffer.from(id).toString('hex')
}

function macOf(key: KeyObject, id: Uint8Array): Uint8Array {
  return hmac(key, new CanonicalEncoder('headgate handle 1', 64).fixed(id).end()).subarray(0, MAC_LENGTH)
}
