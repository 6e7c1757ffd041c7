import type { IncomingMessage } from 'node:http'
import type { ArtifactSource, OtherArtifacts } from '@headgate/releases'
import type { Plane } from '../plane.ts'
import { isLoopbackAddress } from './node-address.ts'
import { type NodeConnection, NodeSilent, NodeUnreachable, connectNode } from './node-connection.ts'
import { openNodeDirectory } from './node-directory.ts'
import { type Hop, type Proof, makeProof, proofFits, readHop, writeHop } from './node-messages.ts'

/** In which a node says of a request that it passed it on. */
export const HOP_HEADER = 'headgate-hop'
/** Where nodes get files of artifacts from each other. */
export const FILE_PATH = '/api/v1/nodes/files/:hash'
export const MANIFEST_PATH = '/api/v1/nodes/artifacts/:artifact'
/** How far clocks of nodes may be apart, and how long a hop may take to arrive, in milliseconds. */
const HOP_WITHIN = 60_000
/** How long a node that sends a file may be silent, in milliseconds. */
const IDLE = 30_000

/** As it is in the middle of an upgrade, too: what an older node keeps is its own to answer for. */
const NO_ADDRESS =
  'it has written no address down: it runs an older Headgate and is to be upgraded, or listens where nobody else reaches it, ' +
  'which headgate serve --node-address mends. Until then ask that node itself'
const OWN_MACHINE = 'its address means its own machine, which headgate serve --node-address mends. Until then ask that node itself'

/** The nodes of one database, as each of them knows the others. */
export interface Nodes {
  /** As leases name this one. */
  readonly name: string
  /** Writes down where this node is reached, once it listens; without an address nobody passes anything on to it. */
  announce(address: string | undefined): Promise<void>
  /** @throws NodeUnreachable; ROW_TAMPERED where its address is not as it was written */
  connect(node: string): Promise<NodeConnection>
  /** What goes into the header of a request that is passed on to a node. */
  writeHop(hop: Omit<Hop, 'from' | 'time'>): string
  /** @returns undefined where no node wrote it, or for another request, another node, or another time */
  readHop(written: string, request: Pick<Hop, 'method' | 'url'>): Promise<Hop | undefined>
  /** Shows who this node is; undefined where it is not whom it is taken for, or was asked at another address. */
  prove(asked: Proof): string | undefined
  /** The artifacts of the others. */
  readonly artifacts: ArtifactSource
  close(): Promise<void>
}

export interface NodesOptions {
  readonly name: string
  /** Whether this node is reached on its own machine alone; addresses that mean one's own machine are of use to such nodes only. */
  readonly atHome: boolean
  readonly log: (event: string, details: Readonly<Record<string, string>>) => void
}

export function createNodes(plane: Plane, { name, atHome, log }: NodesOptions): Nodes {
  const { vault, now } = plane
  const directory = openNodeDirectory(plane, name, (cause) => log('this node could not say that it is there', { reason: String(cause) }))
  const open = new Set<NodeConnection>()
  let closed = false
  const connect = async (node: string): Promise<NodeConnection> => {
    const address = (await directory.find(node))?.address
    if (address === undefined) throw new NodeUnreachable(NO_ADDRESS)
    if (isLoopbackAddress(address) && !atHome) throw new NodeUnreachable(OWN_MACHINE)
    if (closed) throw new NodeUnreachable('this node stops')
    const connection = await connectNode(node, address, (proof, made) => proofFits(vault, proof, made))
    open.add(connection)
    return { send: connection.send, close: () => (open.delete(connection), connection.close()) }
  }
  const hopTo = (hop: Omit<Hop, 'from' | 'time'>) => writeHop(vault, { ...hop, from: name, time: now() })
  return {
    name,
    announce: (address) => directory.announce(address),
    connect,
    writeHop: hopTo,
    async readHop(written, { method, url }) {
      const hop = await readHop(vault, written)
      const meant = hop?.to === name && hop.method === method && hop.url === url && Math.abs(now() - hop.time) < HOP_WITHIN
      return meant ? hop : undefined
    },
    prove(asked) {
      return asked.node === name && asked.address === directory.address() ? makeProof(vault, asked) : undefined
    },
    artifacts: {
      async ask(act) {
        for (const node of await directory.present()) {
          try {
            if (
              await askOne(
                await connect(node.name),
                (path) => hopTo({ to: node.name, request: '', client: '', method: 'GET', url: path }),
                act,
              )
            )
              return
          } catch (cause) {
            if (!(cause instanceof NodeUnreachable || cause instanceof NodeSilent)) throw cause
            log('an artifact could not be asked for', { node: node.name, reason: cause.message })
          }
        }
      },
    },
    async close() {
      for (const connection of open) connection.close()
      closed = true
      await directory.close()
    },
  }
}

/** Asks one node for what it has of an artifact, over one connection. */
async function askOne(
  connection: NodeConnection,
  hopOf: (path: string) => string,
  act: (other: OtherArtifacts) => Promise<boolean>,
): Promise<boolean> {
  const get = async (path: string): Promise<IncomingMessage | undefined> => {
    const answer = await connection.send({ method: 'GET', path, headers: { [HOP_HEADER]: hopOf(path) }, idle: IDLE })
    if (answer.statusCode === 200) return answer
    // Read to its end, so that the connection is free for the next.
    for await (const _ of bytesOf(answer)) continue
    return undefined
  }
  try {
    return await act({
      async manifest(digest) {
        const answer = await get(MANIFEST_PATH.replace(':artifact', digest))
        return answer && (await textOf(answer))
      },
      async file(hash) {
        const answer = await get(FILE_PATH.replace(':hash', hash))
        return answer && bytesOf(answer)
      },
    })
  } finally {
    connection.close()
  }
}

async function* bytesOf(answer: IncomingMessage): AsyncGenerator<Uint8Array> {
  try {
    for await (const part of answer) yield part as Uint8Array
  } catch (cause) {
    throw new NodeSilent(cause instanceof Error ? cause.message : 'the answer broke off')
  }
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const parts: Uint8Array[] = []
  for await (const part of bytesOf(answer)) parts.push(part)
  return Buffer.concat(parts).toString('utf8')
}
