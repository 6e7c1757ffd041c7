import type { Shares } from './observed.ts'

/** An instance as the router may be told of it. */
export interface RoutableInstance {
  readonly id: string
  readonly release: string
  readonly healthy: boolean
}

export interface RoutedInstance {
  readonly id: string
  /** The share of its release in percent, the same for all its instances that serve; 0 where this one gets nothing new. */
  readonly weight: number
}

/**
 * Which instances get a share of a service's traffic.
 *
 * A release without a healthy instance gets nothing, and the others take its share: an unhealthy copy is never
 * preferred to a healthy one. Where none at all is healthy every instance keeps its weight, because a copy that may
 * yet answer is better than a sure refusal.
 */
export function weightsOf(shares: Shares, instances: readonly RoutableInstance[]): readonly RoutedInstance[] {
  const shared = instances.filter((instance) => (shares[instance.release] ?? 0) > 0)
  const healthy = shared.filter((instance) => instance.healthy)
  const serving = new Set(healthy.length > 0 ? healthy : shared)
  return instances.map((instance) => ({ id: instance.id, weight: serving.has(instance) ? (shares[instance.release] ?? 0) : 0 }))
}

/** The shares that the weights in force amount to, in whole percent; a release at 0 is left out. */
export function sharesOf(routed: readonly { readonly release: string; readonly weight: number }[]): Shares {
  const weights = new Map<string, number>()
  for (const { release, weight } of routed) if (weight > 0) weights.set(release, Math.max(weight, weights.get(release) ?? 0))
  const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0)
  return Object.fromEntries([...weights].map(([release, weight]) => [release, Math.round((weight * 100) / total)]))
}
