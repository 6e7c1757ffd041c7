import { type CommitNotice, type ReleaseTarget, ok } from '@headgate/model'
import { type Releases, reloadsByItself } from '@headgate/releases'
import type { Plane, UseCase } from '../plane.ts'
import { actorOf, targetOf } from './target.ts'

/** A configuration-only release of what is live: same code, the settings as they are now. */
export const reconfigure: UseCase<'reconfigure'> = async (plane, caller, { params }) => {
  const deployment = await plane.releases.reconfigure({ target: targetOf(params), by: actorOf(caller) })
  if (!deployment.ok) return deployment
  const made = deployment.value
  return ok({ answer: made ? { deployment: made } : {}, details: { deployment: made?.id ?? null } })
}

/**
 * Makes configuration-only releases by itself where a live service says `reload: auto` and a saved revision or a moved
 * tag may have changed what it runs with. A target that is busy is tried again when its deployment ends, because the
 * next notice or that deployment's end asks anew.
 */
export function reconfigureOnChange(plane: Plane, releases: Releases, failed: (target: ReleaseTarget, reason: string) => void): () => void {
  let turn = Promise.resolve()
  return plane.store.onCommit((notice: CommitNotice) => {
    if (notice.environments.length === 0 && notice.tags.length === 0) return
    turn = turn
      .then(() => reconfigureTargets(plane, releases, failed))
      .catch((cause: unknown) => failed({ project: '', environment: '' }, String(cause)))
  })
}

async function reconfigureTargets(
  plane: Plane,
  releases: Releases,
  failed: (target: ReleaseTarget, reason: string) => void,
): Promise<void> {
  for (const target of await releases.targets()) {
    const status = await releases.status(target)
    if (!status.ok || !status.value.live || !reloadsByItself(status.value.live)) continue
    const made = await releases.reconfigure({ target, by: { principal: null, name: 'plane' } })
    if (!made.ok) failed(target, made.problem.message)
    else if (made.value) await releases.settled(made.value.id)
  }
}
