import type { Answer } from '@headgate/contract'
import type { CommandContext } from '../command.ts'
import { printable } from '../output/printable.ts'
import { need } from '../outcome.ts'
import type { Connection } from '../plane/connection.ts'
import type { Target } from './target.ts'

/** Prints what a deployment would do, each step with what undoes it. Nothing is done. */
export async function showPlannedSteps(
  { output }: CommandContext,
  { client }: Connection,
  target: Target,
  release: Answer<'createRelease'> | undefined,
): Promise<void> {
  const body = release === undefined ? {} : { release: release.id }
  const planned = need(await client.call('planDeployment', { params: target, body }))
  output.answer(planned, () => {
    const width = Math.max(...planned.steps.map(({ text }) => text.length), 0)
    const lines = planned.steps.map(({ text, inverse }, index) => {
      return `${String(index + 1).padStart(3)}  ${printable(text).padEnd(width)}  ${output.paint.dim(`undone by: ${printable(inverse)}`)}`
    })
    const notes = planned.notes.map((note) => `note: ${printable(note)}`)
    return `${[...(lines.length === 0 ? ['nothing to do'] : lines), ...notes].join('\n')}\n`
  })
  output.note('nothing was done')
}
