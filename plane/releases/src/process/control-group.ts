import { mkdir, readFile, rmdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { LimitsTarget } from '@headgate/model'

/** Limits kept by the kernel: version 2 control groups below one folder that this process may write. */
export interface ControlGroups {
  /** Makes the group of an instance and gives the file its first process writes itself into. */
  create(name: string, limits: LimitsTarget): Promise<string>
  /** Removes a group whose processes are gone; one that is not empty stays. */
  remove(name: string): Promise<void>
}

/**
 * The control groups below `root`, or undefined where the kernel keeps no limits for us there: another version, no
 * right to write, or the memory and processor controllers not handed down. Limits are then watched instead.
 *
 * @param root default: the group this process is in
 */
export async function controlGroups(root?: string): Promise<ControlGroups | undefined> {
  const parent = root ?? (await ownGroup())
  if (parent === undefined) return undefined
  const probe = join(parent, `headgate-probe-${process.pid}`)
  try {
    await mkdir(probe)
    const able = await Promise.all(['memory.max', 'cpu.max'].map((file) => isThere(join(probe, file))))
    await rmdir(probe)
    return able.every(Boolean) ? groupsBelow(parent) : undefined
  } catch {
    return undefined
  }
}

function groupsBelow(parent: string): ControlGroups {
  return {
    async create(name, { memoryBytes, cpus }) {
      const group = join(parent, `headgate-${name}`)
      await mkdir(group, { recursive: true })
      if (memoryBytes !== undefined) {
        await writeFile(join(group, 'memory.max'), String(memoryBytes))
        // One process too many ends the whole instance, which is then started again, rather than a part of it.
        await writeFile(join(group, 'memory.oom.group'), '1').catch(() => undefined)
      }
      if (cpus !== undefined) await writeFile(join(group, 'cpu.max'), `${Math.round(cpus * PERIOD)} ${PERIOD}`)
      return join(group, 'cgroup.procs')
    },
    async remove(name) {
      await rmdir(join(parent, `headgate-${name}`)).catch(() => undefined)
    },
  }
}

/** Microseconds over which processor time is counted: the kernel's own default. */
const PERIOD = 100_000

async function ownGroup(): Promise<string | undefined> {
  const lines = await readFile('/proc/self/cgroup', 'latin1').catch(() => '')
  const path = /^0::(\/.*)$/m.exec(lines)?.[1]
  const mounts = await readFile('/proc/self/mounts', 'latin1').catch(() => '')
  const mount = mounts
    .split('\n')
    .map((line) => line.split(' '))
    .find((fields) => fields[2] === 'cgroup2')?.[1]
  return path === undefined || mount === undefined ? undefined : join(mount, path)
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
