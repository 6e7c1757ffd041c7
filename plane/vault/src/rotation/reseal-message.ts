import type { Resealing, SealContext, SecretKey } from '@headgate/crypto'
import type { Problem } from '@headgate/model'

/** Values on their way to the thread that seals them anew. Their bytes are one after the other in one buffer, which is handed over and not copied. */
export interface ResealRequest {
  /** Handles of the keys: the material is where it was, once in the process. */
  readonly keys: readonly SecretKey[]
  readonly values: readonly ResealedValue[]
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** One of them: its place, where it ends, and which of the keys it goes from and to. */
interface ResealedValue extends SealContext {
  readonly end: number
  readonly from: number
  readonly to: number
}

/** The values sealed anew, in the same order, and where each ends; or what is wrong with the first that does not open. */
export type ResealAnswer =
  | { readonly bytes: Uint8Array<ArrayBuffer>; readonly ends: readonly number[] }
  | { readonly problem: Pick<Problem, 'code' | 'details'> }

export function packRequest(resealings: readonly Resealing[]): ResealRequest {
  const keys: SecretKey[] = []
  const places = new Map<SecretKey, number>()
  const placeOf = (key: SecretKey): number => {
    const place = places.get(key) ?? keys.push(key) - 1
    places.set(key, place)
    return place
  }
  const { bytes, ends } = packBytes(resealings.map(({ sealed }) => sealed))
  const values = resealings.map(({ context: { organisation, environment, type, id }, from, to }, n) => ({
    organisation,
    environment,
    type,
    id,
    end: ends[n] as number,
    from: placeOf(from),
    to: placeOf(to),
  }))
  return { keys, values, bytes }
}

export function unpackRequest({ keys, values, bytes }: ResealRequest): Resealing[] {
  let start = 0
  return values.map(({ end, from, to, ...context }) => {
    const sealed = bytes.subarray(start, end)
    start = end
    return { context, sealed, from: keys[from] as SecretKey, to: keys[to] as SecretKey }
  })
}

export function packBytes(values: readonly Uint8Array[]): { readonly bytes: Uint8Array<ArrayBuffer>; readonly ends: readonly number[] } {
  const ends: number[] = []
  let end = 0
  for (const value of values) ends.push((end += value.length))
  const bytes = new Uint8Array(end)
  for (const [n, value] of values.entries()) bytes.set(value, (ends[n] as number) - value.length)
  return { bytes, ends }
}

export function unpackBytes({ bytes, ends }: ReturnType<typeof packBytes>): Uint8Array[] {
  return ends.map((end, n) => bytes.subarray(n === 0 ? 0 : ends[n - 1], end))
}
