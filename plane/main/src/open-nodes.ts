import { HeadgateError } from '@headgate/model'
import { type NodeAddress, type Nodes, type Plane, createNodes, isLoopbackAddress, nodeAddress } from '@headgate/operations'
import type { Logger } from 'pino'
import { nodeName } from './node-name.ts'
import type { ServeOptions } from './serve.ts'

/**
 * The other nodes, where the database is one that several may share. What the operator should know of the own address is logged.
 *
 * @param listensAt where this node is to listen, as a URL
 */
export async function openNodes(plane: Plane, options: ServeOptions, listensAt: string, log: Logger): Promise<Nodes | undefined> {
  if (!plane.database.shared) return undefined
  const { address, concern } = addressAmongNodes(options, listensAt)
  if (concern !== undefined) log.warn({ concern }, 'nodes')
  return createNodes(plane, {
    name: await nodeName(options.data),
    atHome: address !== undefined && isLoopbackAddress(address),
    log: (event, details) => log.warn(details, event),
  })
}

/**
 * Where other nodes are told to reach this one.
 *
 * @throws SETTING_INVALID for an address that is none
 */
export function addressAmongNodes({ nodeAddress: named }: Pick<ServeOptions, 'nodeAddress'>, listening: string): NodeAddress {
  try {
    return nodeAddress(named, listening)
  } catch (cause) {
    if (cause instanceof TypeError) throw new HeadgateError('SETTING_INVALID', { setting: 'node-address', reason: cause.message })
    throw cause
  }
}
