import { cpSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { bundleCommand } from '../../tools/bundle-command.ts'

const command = join(dirname(dirname(import.meta.dirname)), 'clients', 'cli')

/**
 * Puts the command into a folder as npm would install it: its door, its bundle, and no sources.
 *
 * @returns the file to start
 */
export async function publishCommand(folder: string): Promise<string> {
  await bundleCommand(join(folder, 'bundle'))
  cpSync(join(command, 'bin'), join(folder, 'bin'), { recursive: true })
  cpSync(join(command, 'package.json'), join(folder, 'package.json'))
  return join(folder, 'bin', 'headgate.mjs')
}
