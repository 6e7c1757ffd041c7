import { unwrapEnvelope, wrapEnvelope } from '@headgate/lang'
import { Secret, type Write, ok, refuse, shortName } from '@headgate/model'
import { insert } from '@headgate/store'
import { mayOn } from '../access/authorise.ts'
import type { UseCase } from '../plane.ts'
import { openHandle } from './environment-host.ts'
import { findEnvironment } from './find-revision.ts'

/** Seals values for an environment. What comes back is written into its text as `fn::secret: {ciphertext: …}`. */
export const sealValues: UseCase<'sealValues'> = async (plane, _caller, { params, body }) => {
  const environment = await findEnvironment(plane, params)
  if (!environment.ok) return environment
  const place = { organisation: environment.value.organisation, environment: environment.value.id }
  const sealed = body.plaintexts.map((plaintext) => plane.vault.sealSecret(place, new Secret(plaintext), plane.now()))
  const writes: Write[] = sealed.map(({ record }) => insert('records', record))
  return ok({
    answer: { ciphertexts: sealed.map(({ handle }) => wrapEnvelope(handle)) },
    writes,
    details: { sealed: writes.length },
  })
}

/** The plaintexts of sealed values of this environment. It needs the right on the whole of it: a handle has no path. */
export const openValues: UseCase<'openValues'> = async (plane, caller, { params, body }) => {
  const environment = await findEnvironment(plane, params)
  if (!environment.ok) return environment
  if (!mayOn(plane, caller, 'open', params))
    return refuse('PERMISSION_DENIED', { principal: caller.name, permission: 'open', resource: `all of ${shortName(params)}` })
  const plaintexts: string[] = []
  for (const [index, ciphertext] of body.ciphertexts.entries()) {
    const payload = unwrapEnvelope(ciphertext)
    const secret = payload instanceof Uint8Array ? await openHandle(plane, environment.value, payload) : undefined
    if (!secret) return refuse('HANDLE_INVALID', { path: `ciphertexts[${index}]` })
    plaintexts.push(secret.reveal())
  }
  return ok({ answer: { plaintexts }, details: { opened: plaintexts.length } })
}
