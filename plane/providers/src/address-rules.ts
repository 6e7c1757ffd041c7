import { lookup as resolve } from 'node:dns'
import { BlockList, type LookupFunction, isIP } from 'node:net'
import { SourceFault } from './outside-source.ts'

/**
 * Which addresses a document may make the plane call.
 *
 * The operator lists origins; nothing else is called. A listed name is no free pass: each address it resolves to is
 * looked at when the connection is made, so a name that is pointed at the machine itself or at a cloud's metadata
 * service after it was checked gains nothing. Link-local addresses are refused whatever is listed.
 */
export interface AddressRules {
  /** @throws SourceFault when the operator does not allow calls there */
  check(url: URL): void
  /** Resolves names for connections, refusing what they must not lead to. */
  readonly lookup: LookupFunction
}

interface AllowedOrigin {
  readonly protocol: string
  /** The host, or what follows `*.` */
  readonly host: string
  readonly anyBelow: boolean
  readonly port: string
}

const never = blocked(
  ['0.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['224.0.0.0', 4, 'ipv4'],
  // Metadata services outside the link-local range.
  ['100.100.100.200', 32, 'ipv4'],
  ['192.0.0.192', 32, 'ipv4'],
  ['fd00:ec2::254', 128, 'ipv6'],
  ['::', 128, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
)
const loopback = blocked(['127.0.0.0', 8, 'ipv4'], ['::1', 128, 'ipv6'])

function blocked(...subnets: readonly (readonly [string, number, 'ipv4' | 'ipv6'])[]): BlockList {
  const list = new BlockList()
  for (const [net, prefix, family] of subnets) list.addSubnet(net, prefix, family)
  return list
}

/**
 * Rules of a list of origins such as `https://vault.example.org:8200` or `https://*.amazonaws.com`.
 *
 * @throws TypeError for an entry that is no origin; the message names it
 */
export function addressRules(allowed: readonly string[]): AddressRules {
  const origins = allowed.map(readOrigin)
  const atHome = new Set(origins.filter(({ host }) => isLoopback(host)).map(({ host }) => host))
  return {
    check(url) {
      if (url.username || url.password) throw new SourceFault(`the address ${url.origin} carries a user or a password, which is not sent`)
      const bare = hostOf(url)
      if (isIP(bare) && isIn(never, bare))
        throw new SourceFault(`${url.origin} is a link-local or reserved address; those are never called`)
      if (!origins.some((origin) => covers(origin, url)))
        throw new SourceFault(`this plane's operator does not allow calls to ${url.origin} (serve --provider-address ${url.origin} would)`)
    },
    lookup(host, options, answer) {
      resolve(host, { ...options, all: true }, (error, addresses) => {
        if (error) return answer(error, '')
        const bad = addresses.find(({ address }) => isIn(never, address) || (isIn(loopback, address) && !atHome.has(host)))
        if (bad) return answer(new SourceFault(`${host} leads to ${bad.address}, which is never called under that name`), '')
        const [first] = addresses
        if (options.all) return answer(null, addresses)
        return first ? answer(null, first.address, first.family) : answer(new SourceFault(`${host} has no address`), '')
      })
    },
  }
}

function readOrigin(entry: string): AllowedOrigin {
  const anyBelow = /^https?:\/\/\*\./.test(entry)
  const plain = anyBelow ? entry.replace('*.', '') : entry
  let url: URL
  try {
    url = new URL(plain)
  } catch {
    throw new TypeError(`${entry} is no address; looked for one such as https://vault.example.org:8200 or https://*.example.org`)
  }
  const rest = url.pathname !== '/' || url.search || url.hash || url.username || url.password
  if (!['https:', 'http:'].includes(url.protocol) || rest || plain.includes('*'))
    throw new TypeError(`${entry} is no address: a scheme (https or http), a host, or *. and a host, and at most a port are looked for`)
  return { protocol: url.protocol, host: hostOf(url), anyBelow, port: url.port }
}

function covers(origin: AllowedOrigin, url: URL): boolean {
  if (url.protocol !== origin.protocol || url.port !== origin.port) return false
  const host = hostOf(url)
  return origin.anyBelow ? host.endsWith(`.${origin.host}`) : host === origin.host
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '')
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || (isIP(host) !== 0 && isIn(loopback, host))
}

function isIn(list: BlockList, address: string): boolean {
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}
