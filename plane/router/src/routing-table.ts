import type { RouterTable } from '@headgate/contract'
import { ServiceRoute } from './service-route.ts'
import type { Upstream } from './upstream.ts'
import type { Upstreams } from './upstreams.ts'

const RESPONSE_MS = 60_000
const CONNECT_MS = 2_000
/** How many Host values are remembered with their service. Clients choose them, so it must end somewhere. */
const REMEMBERED_HOSTS = 1_000

/** A table made ready to route by. Never changed: a new table is a new object, put in place by one assignment. */
export class RoutingTable {
  readonly definition: RouterTable
  readonly services: ReadonlyMap<string, ServiceRoute>
  readonly members: readonly Upstream[]
  readonly #exact = new Map<string, ServiceRoute>()
  /** By the name below which everything matches, without `*.`. */
  readonly #below = new Map<string, ServiceRoute>()
  readonly #remembered = new Map<string, ServiceRoute | undefined>()
  #otherwise: ServiceRoute | undefined

  /** @param before the table in force until now: rounds under way and pauses go on */
  constructor(definition: RouterTable, upstreams: Upstreams, before?: RoutingTable) {
    this.definition = definition
    const services = new Map<string, ServiceRoute>()
    const all: Upstream[] = []
    for (const service of definition.services) {
      const connectMs = service.timeouts?.connectMs ?? CONNECT_MS
      const members = service.upstreams.map((upstream) => upstreams.get(upstream, service.id, connectMs))
      const route = new ServiceRoute(service.id, service.timeouts?.responseMs ?? RESPONSE_MS, members, before?.services.get(service.id))
      services.set(service.id, route)
      all.push(...members)
      for (const domain of service.domains) this.#claimDomain(domain, route)
    }
    this.services = services
    this.members = all
  }

  /** The service for a Host value as the client wrote it: the exact name, else the longest `*.name`, else `*`. */
  serviceFor(host: string): ServiceRoute | undefined {
    if (this.#remembered.has(host)) return this.#remembered.get(host)
    const route = this.#find(hostName(host))
    if (this.#remembered.size >= REMEMBERED_HOSTS) this.#remembered.clear()
    this.#remembered.set(host, route)
    return route
  }

  #claimDomain(domain: string, route: ServiceRoute): void {
    if (domain === '*') this.#otherwise = route
    else if (domain.startsWith('*.')) this.#below.set(domain.slice(2), route)
    else this.#exact.set(domain, route)
  }

  #find(name: string): ServiceRoute | undefined {
    const exact = this.#exact.get(name)
    if (exact) return exact
    for (let dot = name.indexOf('.'); dot !== -1; dot = name.indexOf('.', dot + 1)) {
      const route = this.#below.get(name.slice(dot + 1))
      if (route) return route
    }
    return this.#otherwise
  }
}

/** Lower case, without port and without the dot that ends a full name. */
function hostName(host: string): string {
  const lower = host.toLowerCase()
  const name = lower.startsWith('[') ? lower.slice(0, lower.indexOf(']') + 1) : (lower.split(':', 1)[0] as string)
  return name.endsWith('.') ? name.slice(0, -1) : name
}
