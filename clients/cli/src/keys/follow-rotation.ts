import { setTimeout as pause } from 'node:timers/promises'
import type { PlaneClient } from '@headgate/sdk/http'
import type { CommandContext } from '../command.ts'
import { type ExitCode, exitCodes } from '../exit-code.ts'
import { need } from '../outcome.ts'
import { type Rotation, progressText, rotationLines } from './show-keys.ts'

const LOOK_MS = 150
/** Where a rotation rests: nothing more happens until somebody asks for it. */
const resting: ReadonlySet<Rotation['state']> = new Set(['moved', 'finished', 'undone'])

/** Watches a rotation until it rests or is stopped by something, and says how it stands. */
export async function followRotation(context: CommandContext, client: PlaneClient, wait = true): Promise<ExitCode> {
  const rotation = wait ? await restOf(context, client) : await newest(client)
  sayRotation(context, rotation)
  return rotation.problem ? exitCodes.problem : exitCodes.ok
}

export async function restOf({ output }: CommandContext, client: PlaneClient): Promise<Rotation> {
  const progress = output.progress('moving everything under the keys in use')
  try {
    for (;;) {
      const rotation = await newest(client)
      if (rotation.problem || resting.has(rotation.state)) return rotation
      if (rotation.progress) progress.update(progressText(rotation.progress))
      await pause(LOOK_MS)
    }
  } finally {
    progress.done()
  }
}

export function sayRotation({ output }: CommandContext, rotation: Rotation): void {
  output.answer(rotation, () => `${rotationLines(rotation, output).join('\n')}\n`)
}

async function newest(client: PlaneClient): Promise<Rotation> {
  const { rotation } = need(await client.call('readKeys', {}))
  if (!rotation) throw new Error('the rotation that was begun is not there')
  return rotation
}
