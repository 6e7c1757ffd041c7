import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'

const NAME = /^[0-9a-f]{8}$/

/**
 * Who a node is to the others that share its database: the same after each start of the same data folder, whose lock lets
 * one process alone be it. So a node that starts anew has its leases at once, and nobody else does.
 */
export async function nodeName(data: string): Promise<string> {
  const file = join(data, 'node')
  const known = await readFile(file, 'utf8').catch(() => '')
  const name = NAME.test(known) ? known : randomBytes(4).toString('hex')
  if (name !== known) await writeFile(file, name, { mode: 0o600 })
  return `${hostname()}/${name}`
}
