import { type Route, type RouteName, routes } from '@headgate/contract'
import { authorise } from '../access/authorise.ts'
import type { Caller, RunningPlane } from '../plane.ts'
import { targetOf } from '../releases/target.ts'
import type { Proof } from './node-messages.ts'
import type { Nodes } from './nodes.ts'

/** Another node that keeps the target of a request. */
export interface Keeper {
  readonly node: string
  readonly epoch: number
  /** `project/environment`. */
  readonly target: string
}

/** What a server asks when it passes requests on, and when another node asks it. */
export interface BetweenNodes extends Pick<Nodes, 'connect' | 'writeHop' | 'readHop'> {
  /**
   * Who has to answer a request instead; undefined where this node does. That is also where a caller may not ask at all:
   * it is refused here, so that nobody learns by a node that is away what they may not know of.
   */
  keeperOf(route: RouteName, caller: Caller, params: unknown): Promise<Keeper | undefined>
  /** @param asked as it came in a query */
  prove(asked: unknown): string | undefined
  openFile(hash: string): Promise<AsyncIterable<Uint8Array> | undefined>
  manifest(digest: string): Promise<string | undefined>
}

export function betweenNodes(plane: RunningPlane, nodes: Nodes): BetweenNodes {
  const { artifacts } = plane.releases
  return {
    connect: nodes.connect,
    writeHop: nodes.writeHop,
    readHop: nodes.readHop,
    async keeperOf(name, caller, given) {
      const route: Route = routes[name]
      const params = given as Readonly<Record<'project' | 'environment', string>>
      if (route.answeredBy !== 'keeper' || !authorise(plane, name, route, params, caller).ok) return undefined
      const target = targetOf(params)
      const kept = await plane.releases.keptElsewhere(target)
      return kept && { node: kept.owner, epoch: kept.epoch, target: `${target.project}/${target.environment}` }
    },
    prove: (asked) => (isProof(asked) ? nodes.prove(asked) : undefined),
    openFile: (hash) => artifacts.openFile(hash),
    manifest: (digest) => artifacts.manifest(digest),
  }
}

function isProof(asked: unknown): asked is Proof {
  const { node, address, challenge } = (asked ?? {}) as Partial<Record<keyof Proof, unknown>>
  return typeof node === 'string' && typeof address === 'string' && typeof challenge === 'string'
}
