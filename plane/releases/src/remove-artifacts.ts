import { neededArtifacts, runningArtifacts } from './needed-artifacts.ts'
import type { Surroundings } from './surroundings.ts'

/** How long after its start a plane first looks for artifacts that nothing needs, and how often from then on, in milliseconds. */
const FIRST_AFTER = 15_000
const EVERY = 6 * 60 * 60_000

/**
 * Removes artifacts that nothing needs any more, time and again, on whatever node they came to be: one that made them, or
 * one that brought them for the case that it takes over.
 *
 * @returns stops it, and waits for what is under way
 */
export function keepRemovingArtifacts(surroundings: Surroundings): () => Promise<void> {
  const { clock, log } = surroundings
  const closing = new AbortController()
  const work = async (): Promise<void> => {
    for (let wait = FIRST_AFTER; ; wait = EVERY) {
      await clock.sleep(wait, closing.signal).catch(() => undefined)
      if (closing.signal.aborted) return
      await removeArtifacts(surroundings).catch((error: unknown) => log({ event: 'artifacts not removed', reason: String(error) }))
    }
  }
  const working = work()
  return async () => {
    closing.abort()
    await working
  }
}

async function removeArtifacts(surroundings: Surroundings): Promise<void> {
  const { store, organisation, artifacts, clock, log } = surroundings
  const targets = await store.targets.list(organisation.id)
  const running = await runningArtifacts(surroundings)
  // What is here was made for targets; a database that knows of none, or not of what runs, may be the wrong one.
  if (targets.length === 0 || running === undefined) return
  const needed = new Set(running)
  for (const row of targets) {
    const { urgent, newest } = await neededArtifacts(surroundings, row)
    for (const artifact of [...urgent, ...newest]) needed.add(artifact)
  }
  const removed = await artifacts.removeUnneeded(needed, clock.now())
  if (removed.artifacts + removed.files > 0) log({ event: 'artifacts removed', ...removed })
}
