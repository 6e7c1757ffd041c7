import { PLANE_ACTOR, type AuditRecord, type Write } from '@headgate/model'
import { type NodeRow, insert, remove, update } from '@headgate/store'
import type { Plane } from '../plane.ts'

/** How often a node says that it is there, in milliseconds, and how long that counts. */
const BEAT = 20_000
const PRESENT = 3 * BEAT
/** A node that was not there for so long is taken out of the list, in milliseconds. */
const FORGOTTEN_AFTER = 7 * 24 * 60 * 60 * 1000

/** Where the nodes of a database are reached: each writes its own address down, and takes those out that are long gone. */
export interface NodeDirectory {
  /** Writes down where this node is reached, or that nobody reaches it, and says from then on that it is there. */
  announce(address: string | undefined): Promise<void>
  address(): string | undefined
  find(name: string): Promise<NodeRow | undefined>
  /** The others that are there. */
  present(): Promise<NodeRow[]>
  close(): Promise<void>
}

/** @param failed is told why this node could not say that it is there; it is tried again */
export function openNodeDirectory(plane: Plane, name: string, failed: (cause: unknown) => void): NodeDirectory {
  const { store, organisation, now } = plane
  let known: string | undefined
  let timer: NodeJS.Timeout | undefined
  let closed = false
  let beating: Promise<void> = Promise.resolve()
  const leaseOf = (node: string) => store.leases.get(`node:${node}`)
  const beat = async (): Promise<void> => {
    await store.leases.acquire(`node:${name}`, name, now() + PRESENT, now())
    await writeOwn(plane, name, known)
  }
  const schedule = (): void => {
    if (closed) return
    timer = setTimeout(() => {
      beating = beat().catch(failed).finally(schedule)
    }, BEAT)
    timer.unref()
  }
  return {
    async announce(address) {
      known = address
      await beat()
      for (const row of await store.nodes.list(organisation.id)) {
        const lease = row.name === name ? undefined : await leaseOf(row.name)
        if (row.name !== name && (lease?.expires_at ?? 0) < now() - FORGOTTEN_AFTER)
          await commit(plane, 'node.forget', row, [remove('nodes', row)])
      }
      schedule()
    },
    address: () => known,
    find: (node) => store.nodes.get(node),
    async present() {
      const rows = (await store.nodes.list(organisation.id)).filter((row) => row.name !== name)
      const leases = await Promise.all(rows.map((row) => leaseOf(row.name)))
      return rows.filter((_, n) => (leases[n]?.expires_at ?? 0) > now())
    },
    async close() {
      closed = true
      clearTimeout(timer)
      await beating
    },
  }
}

/** Makes the node's own row what it is now. A row that is as it should be is left alone, so a start leaves no record. */
async function writeOwn(plane: Plane, name: string, address: string | undefined): Promise<void> {
  const row = await plane.store.nodes.get(name)
  if (row?.address === address) return
  if (address === undefined) {
    if (row) await commit(plane, 'node.withdraw', row, [remove('nodes', row)])
    return
  }
  const set = { address, announced_at: plane.now() }
  const write = row ? update('nodes', row, set) : insert('nodes', { name, organisation: plane.organisation.id, ...set })
  await commit(plane, 'node.announce', { name, address }, [write])
}

/** A conflict is left to the next beat. */
async function commit(plane: Plane, action: string, node: Pick<NodeRow, 'name' | 'address'>, writes: readonly Write[]): Promise<void> {
  const audit: AuditRecord = {
    time: plane.now(),
    organisation: plane.organisation.id,
    ...PLANE_ACTOR,
    action,
    resource: `organisation:${plane.organisation.name}`,
    outcome: 'ok',
    details: { node: node.name, address: node.address },
  }
  await plane.changes.commit({ expect: [], writes, audit })
}
