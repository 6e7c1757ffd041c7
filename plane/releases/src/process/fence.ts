import { createHash } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HeadgateError } from '@headgate/model'
import { writeDurably } from '../artifacts/durable-file.ts'

/** Who commands: the target its epoch counts for. */
export interface Command {
  readonly scope: string
  readonly epoch: number
}

/**
 * Remembers the highest epoch that commanded each target, across restarts. An executor that was paused, and whose lease
 * went to another meanwhile, can then start and stop nothing any more.
 */
export interface Fence {
  /** @throws RUN_FENCED when a higher epoch was seen */
  pass(command: Command): Promise<void>
}

export async function openFence(folder: string): Promise<Fence> {
  const temporary = join(folder, 'tmp')
  await mkdir(temporary, { recursive: true, mode: 0o700 })
  const placeOf = (scope: string) => join(folder, createHash('sha256').update(scope).digest('hex'))
  return {
    async pass({ scope, epoch }) {
      // Read every time: whoever has a higher epoch is another process, and nothing else tells this one.
      const highest = Number(await readFile(placeOf(scope), 'utf8').catch(() => '0'))
      if (epoch < highest) throw new HeadgateError('RUN_FENCED', { target: scope, epoch, seen: highest })
      if (epoch > highest) {
        await writeDurably({ temporary, place: placeOf(scope), mode: 0o600, write: (file) => file.writeFile(String(epoch)) })
      }
    },
  }
}
