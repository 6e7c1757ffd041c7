import { readFile, readdir, readlink } from 'node:fs/promises'

/** The TCP ports that processes listen on; empty where the system does not tell. Only used to explain a failure. */
export async function listeningPorts(pids: readonly number[]): Promise<readonly number[]> {
  const sockets = new Set<string>()
  for (const pid of pids) {
    for (const descriptor of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
      const inode = /^socket:\[(\d+)\]$/.exec(await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => ''))?.[1]
      if (inode !== undefined) sockets.add(inode)
    }
  }
  const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map((table) => readFile(table, 'latin1').catch(() => '')))
  const ports = tables.flatMap((table) => table.split('\n').slice(1)).flatMap((line) => portOf(line, sockets))
  return [...new Set(ports)].toSorted((one, other) => one - other)
}

/** A line holds: number, local address, remote address, state (0A: listening), …, inode. */
function portOf(line: string, sockets: ReadonlySet<string>): number[] {
  const fields = line.trim().split(/\s+/)
  const [local = '', state, inode = ''] = [fields[1], fields[3], fields[9]]
  return state === '0A' && sockets.has(inode) ? [Number.parseInt(local.slice(local.lastIndexOf(':') + 1), 16)] : []
}
