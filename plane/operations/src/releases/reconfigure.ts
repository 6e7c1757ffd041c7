import { setTimeout as pause } from 'node:timers/promises'
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

type Failed = (target: ReleaseTarget, reason: string) => void

/**
 * Makes configuration-only releases by itself where a live service says `reload: auto` and a saved revision or a moved
 * tag may have changed what it runs with. Targets are looked after side by side; one that is busy with a deployment is
 * looked at again when that has ended, so a change made meanwhile is not lost.
 */
export function reconfigureOnChange(plane: Plane, releases: Releases, failed: Failed): () => void {
  /** Targets being looked after, and whether something changed since they were last looked at. */
  const changedSince = new Map<string, boolean>()
  const lookAfter = async (target: ReleaseTarget): Promise<void> => {
    const name = `${target.project}/${target.environment}`
    if (changedSince.has(name)) return void changedSince.set(name, true)
    try {
      do {
        changedSince.set(name, false)
        await reconfigureTarget(releases, target, failed)
      } while (changedSince.get(name))
    } catch (cause) {
      failed(target, String(cause))
    } finally {
      changedSince.delete(name)
    }
  }
  return plane.store.onCommit((notice: CommitNotice) => {
    if (notice.environments.length === 0 && notice.tags.length === 0 && !notice.missed) return
    void releases.targets().then((targets) => Promise.all(targets.map(lookAfter)))
  })
}

async function reconfigureTarget(releases: Releases, target: ReleaseTarget, failed: Failed): Promise<void> {
  for (;;) {
    const status = await releases.status(target)
    if (!status.ok) return
    const { live, deployment } = status.value
    // What is under way decides what is live, so it is waited for before anything is asked of it.
    if (deployment?.state === 'running' || deployment?.state === 'returning') {
      await releases.settled(deployment.id)
      continue
    }
    if (!live || !reloadsByItself(live)) return
    const made = await releases.reconfigure({ target, by: { principal: null, name: 'plane' } })
    if (made.ok && made.value) await releases.settled(made.value.id)
    // Where another node has it by now, that one looks after it.
    if (made.ok || made.problem.code === 'NODE_UNREACHABLE') return
    if (made.problem.code !== 'RELEASE_LOCKED') return failed(target, made.problem.message)
    await pause(LOCKED_PAUSE)
  }
}

/** Between two looks at a target whose lock is held although no deployment of it runs any more, in milliseconds. */
const LOCKED_PAUSE = 250
