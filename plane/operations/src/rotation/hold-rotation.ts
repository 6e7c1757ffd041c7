import { randomUUID } from 'node:crypto'
import { type EnvironmentId, type Result, refuse } from '@headgate/model'
import type { Plane } from '../plane.ts'

/** How long a rotation counts as under way after its plane was last heard of, in milliseconds. */
const LEASE = 60_000

/**
 * Works while nobody else rotates the same environment: two rotators at once would each replace what the other made.
 * The lease of a plane that stopped runs out within a minute.
 *
 * @param called the environment's name, for the refusal
 */
export async function whileRotating<T>(
  plane: Plane,
  environment: EnvironmentId,
  called: string,
  work: () => Promise<Result<T>>,
): Promise<Result<T>> {
  const { leases } = plane.store
  const now = plane.now()
  const lease = await leases.acquire(`rotation/${environment}`, randomUUID(), now + LEASE, now)
  if (!lease) return refuse('ROTATE_UNDER_WAY', { environment: called })
  const renewing = setInterval(() => {
    const time = plane.now()
    // One that is lost is made up for by the journal: whoever takes over finds the states there.
    leases.renew(lease, time + LEASE, time).catch(() => undefined)
  }, LEASE / 3)
  renewing.unref()
  try {
    return await work()
  } finally {
    clearInterval(renewing)
    await leases.release(lease)
  }
}
