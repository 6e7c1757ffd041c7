import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type { World } from '../world.ts'

/**
 * The text somebody is editing, in a file of their own from the first moment: whatever ends the edit, even a power
 * cut, it is still there. It is removed when it is saved, or was not changed.
 */
export interface UnsavedText {
  readonly file: string
  read(): Promise<string>
  remove(): Promise<void>
}

export async function keepUnsaved(world: World, name: string, text: string): Promise<UnsavedText> {
  const unsaved = unsavedFolder(world)
  await mkdir(unsaved, { recursive: true, mode: 0o700 })
  const folder = await mkdtemp(join(unsaved, 'edit-'))
  const file = join(folder, `${name.replaceAll('/', '-')}.yaml`)
  await writeFile(file, text, { mode: 0o600, flag: 'wx' })
  return {
    file,
    read: () => readFile(file, 'utf8'),
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

/** Removes a kept text once it was saved after all; a file that was not kept here is left alone. */
export async function forgetUnsaved(world: World, file: string): Promise<void> {
  const folder = dirname(resolve(world.cwd, file))
  if (dirname(folder) === unsavedFolder(world)) await rm(folder, { recursive: true, force: true })
}

function unsavedFolder({ env }: World): string {
  const state = env['XDG_STATE_HOME'] || join(env['HOME'] || homedir(), '.local', 'state')
  return join(state, 'headgate', 'unsaved')
}
