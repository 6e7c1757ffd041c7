/** Where other nodes are told to reach this one, and what its operator should know of that. */
export interface NodeAddress {
  /** An origin; absent where nobody could reach it. */
  readonly address?: string
  readonly concern?: string
}

/**
 * @param named what the operator says
 * @param listening where the server listens, as a URL
 * @throws TypeError where what is named is no origin
 */
export function nodeAddress(named: string | undefined, listening: string): NodeAddress {
  if (named !== undefined) return namedAddress(named)
  const { protocol, hostname, origin } = URL.parse(listening) ?? { protocol: '', hostname: '', origin: '' }
  const unnamed = 'say where they do with --node-address, or releases kept here are answered by this node alone'
  if (hostname === '0.0.0.0' || hostname === '[::]')
    return { concern: `this node listens everywhere, which is nowhere the other nodes reach it: ${unnamed}` }
  if (protocol === 'https:' || isLoopback(hostname)) return { address: origin }
  if (origin === '') return { concern: `the address this node listens on is none that others can use: ${unnamed}` }
  return { concern: `this node speaks no TLS, so the others do not pass tokens on to it: ${unnamed}` }
}

function namedAddress(named: string): NodeAddress {
  const url = URL.parse(named)
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) throw new TypeError('it is no http or https address')
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '')
    throw new TypeError('it has more than a host and a port')
  if (url.protocol === 'https:' || isLoopback(url.hostname)) return { address: url.origin }
  return { address: url.origin, concern: 'the address of this node is http: between nodes, whoever is in the network reads tokens' }
}

/** Whether an address is this machine's own, whichever machine reads it. */
export function isLoopbackAddress(address: string): boolean {
  return isLoopback(new URL(address).hostname)
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d+){3}$/.test(hostname)
}
