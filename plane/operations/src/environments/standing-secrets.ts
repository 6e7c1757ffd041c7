import { listSealed } from '@headgate/lang'
import type { Secret } from '@headgate/model'
import type { EnvironmentRow, Fields } from '@headgate/store'
import { mayOn } from '../access/authorise.ts'
import type { Caller, Plane } from '../plane.ts'
import { openHandle } from './environment-host.ts'
import { nameOf } from './find-revision.ts'

/** The handle of the secret that stands at a path now, where it is this one; undefined for any other. */
export type StandingSecrets = (path: string, secret: Secret) => Promise<Uint8Array | undefined>

/**
 * Lets a secret that comes back unchanged, as after an edit in the clear, keep its record. Only for who may open the whole
 * environment: to anybody else, whether a handle stayed would tell whether they guessed the secret.
 */
export function standingSecrets(plane: Plane, caller: Caller, environment: Fields<EnvironmentRow>): StandingSecrets {
  if (environment.head_revision === 0 || !mayOn(plane, caller, 'open', nameOf(plane, environment))) return async () => undefined
  let standing: Promise<ReadonlyMap<string, Uint8Array>> | undefined
  return async (path, secret) => {
    standing ??= handlesOf(plane, environment)
    const handle = (await standing).get(path)
    const known = handle && (await openHandle(plane, environment, handle))
    return known?.reveal() === secret.reveal() ? handle : undefined
  }
}

async function handlesOf(plane: Plane, environment: Fields<EnvironmentRow>): Promise<ReadonlyMap<string, Uint8Array>> {
  const head = await plane.store.revisions.get(environment.id, environment.head_revision)
  if (!head) return new Map()
  const place = { organisation: environment.organisation, environment: environment.id }
  const { sealed } = listSealed(plane.vault.openText(place, head))
  return new Map(sealed.map(({ path, payload }) => [path, payload]))
}
