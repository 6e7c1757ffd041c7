import type { RouterService, RouterTable, RouterTimeouts, RouterUpstream } from '@headgate/contract'

const DOMAIN = /^(?:\*|(?:\*\.)?[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*|\[[0-9a-f:.]+\])$/
const ADDRESS = /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\]):(\d{1,5})$/i
const NAME_LENGTH = 512

export type CheckedTable = { readonly ok: true; readonly table: RouterTable } | { readonly ok: false; readonly problems: readonly string[] }

/** Reads a table that came over the wire or from disk: every fault with its place, or the table with nothing else in it. */
export function checkTable(input: unknown): CheckedTable {
  const check = new Check()
  const services = check.list(input, 'services', '').map((service, index) => checkService(check, service, `services[${index}]`))
  if (check.problems.length === 0) findContradictions(check, services)
  return check.problems.length > 0 ? { ok: false, problems: check.problems } : { ok: true, table: { services } }
}

/** Collects faults; what it returns for a faulty value is only there to go on with. */
class Check {
  readonly problems: string[] = []

  fault(place: string, what: string): void {
    this.problems.push(`${place}: ${what}`)
  }

  field(of: unknown, name: string): unknown {
    return typeof of === 'object' && of !== null ? (of as Record<string, unknown>)[name] : undefined
  }

  list(of: unknown, name: string, place: string): readonly unknown[] {
    const value = this.field(of, name)
    if (Array.isArray(value)) return value
    this.fault(`${place}${place && '.'}${name}`, 'is not a list')
    return []
  }

  name(of: unknown, name: string, place: string): string {
    const value = this.field(of, name)
    if (typeof value === 'string' && value.length > 0 && value.length <= NAME_LENGTH) return value
    this.fault(`${place}.${name}`, `is not a text of 1 to ${NAME_LENGTH} characters`)
    return ''
  }

  whole(of: unknown, name: string, place: string, most: number): number {
    const value = this.field(of, name)
    if (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most) return value as number
    this.fault(`${place}.${name}`, `is not a whole number from 0 to ${most}`)
    return 0
  }
}

function checkService(check: Check, input: unknown, place: string): RouterService {
  const domains = check.list(input, 'domains', place).map((domain, index) => {
    const lower = typeof domain === 'string' ? domain.toLowerCase() : ''
    if (!DOMAIN.test(lower)) check.fault(`${place}.domains[${index}]`, 'is not a host name without port, `*.name` or `*`')
    return lower
  })
  const upstreams = check
    .list(input, 'upstreams', place)
    .map((upstream, index) => checkUpstream(check, upstream, `${place}.upstreams[${index}]`))
  const timeouts = checkTimeouts(check, check.field(input, 'timeouts'), `${place}.timeouts`)
  return { id: check.name(input, 'id', place), domains, upstreams, ...(timeouts && { timeouts }) }
}

function checkUpstream(check: Check, input: unknown, place: string): RouterUpstream {
  const address = check.name(input, 'address', place)
  const port = Number(ADDRESS.exec(address)?.[1])
  if (!(port >= 1 && port <= 65_535)) check.fault(`${place}.address`, 'is not host:port')
  return {
    id: check.name(input, 'id', place),
    release: check.name(input, 'release', place),
    address,
    weight: check.whole(input, 'weight', place, 100),
  }
}

function checkTimeouts(check: Check, input: unknown, place: string): RouterTimeouts | undefined {
  if (input === undefined) return undefined
  const day = 86_400_000
  return {
    ...(check.field(input, 'connectMs') !== undefined && { connectMs: check.whole(input, 'connectMs', place, day) }),
    ...(check.field(input, 'responseMs') !== undefined && { responseMs: check.whole(input, 'responseMs', place, day) }),
  }
}

function findContradictions(check: Check, services: readonly RouterService[]): void {
  const ids = new Set<string>()
  const domains = new Map<string, string>()
  const upstreams = new Set<string>()
  for (const service of services) {
    if (ids.has(service.id)) check.fault(`service ${service.id}`, 'is there twice')
    ids.add(service.id)
    for (const domain of service.domains) {
      const other = domains.get(domain)
      if (other !== undefined) check.fault(`domain ${domain}`, `is claimed by ${other} and by ${service.id}`)
      domains.set(domain, service.id)
    }
    const weights = new Map<string, number>()
    for (const { id, release, weight } of service.upstreams) {
      if (upstreams.has(id)) check.fault(`upstream ${id}`, 'is there twice')
      upstreams.add(id)
      if (weight > 0 && (weights.get(release) ?? weight) !== weight) {
        check.fault(`upstream ${id}`, `has another weight than its release ${release} (a weight is the share of the whole release)`)
      }
      if (weight > 0) weights.set(release, weight)
    }
  }
}
