import { listSealed, replaceSealed } from '@headgate/lang'
import { HeadgateError, type RecordId, type Write } from '@headgate/model'
import { type EnvironmentRow, type Fields, insert } from '@headgate/store'
import type { Plane } from '../plane.ts'
import { fileName } from './import-closure.ts'
import { openHandle } from './environment-host.ts'

/** Moves texts of one environment to another: every sealed value is sealed anew, each once however often it occurs. */
export interface Resealing {
  text(text: string): Promise<string>
  /** The records of the new environment, for the Change that saves the texts. */
  readonly records: Write[]
}

/** The caller must be allowed to open the whole of the source. */
export function resealing(plane: Plane, source: EnvironmentRow, target: Fields<EnvironmentRow>): Resealing {
  const records: Write[] = []
  const known = new Map<string, Uint8Array>()
  const place = { organisation: target.organisation, environment: target.id }

  const reseal = async (handle: Uint8Array): Promise<Uint8Array> => {
    const key = Buffer.from(handle).toString('hex') as RecordId
    const before = known.get(key)
    if (before) return before
    const secret = await openHandle(plane, source, handle)
    // A revision that was saved holds handles of its own environment only.
    if (!secret) throw new HeadgateError('HANDLE_INVALID', { path: fileName(source) })
    const sealed = plane.vault.sealSecret(place, secret, plane.now())
    records.push(insert('records', sealed.record))
    known.set(key, sealed.handle)
    return sealed.handle
  }

  return {
    records,
    async text(text) {
      const handles: Uint8Array[] = []
      for (const { payload } of listSealed(text).sealed) handles.push(await reseal(payload))
      return handles.length === 0 ? text : replaceSealed(text, (_sealed, index) => handles[index])
    },
  }
}
