import type { CommandContext } from '../../../command.ts'
import { wholeNumber } from '../../../input/whole-number.ts'
import { printable } from '../../../output/printable.ts'
import { need } from '../../../outcome.ts'
import type { Draft } from './draft-text.ts'

/** Hands a draft in, approves it, says something about it, makes it a revision, or closes it. */
export async function run({ output, invocation, connect, spec }: CommandContext): Promise<void> {
  const { client } = await connect()
  const params = { draft: invocation.argument('draft') ?? '' }
  const told = (draft: Draft, what: string) => output.answer(draft, () => `the draft ${printable(draft.draft)} is ${what}\n`)
  const said = () => {
    const comment = invocation.option('comment')
    return comment === undefined ? {} : { comment }
  }
  switch (spec.name) {
    case 'env draft submit': {
      const description = invocation.option('description')
      const body = description === undefined ? {} : { description }
      return told(need(await client.call('submitDraft', { params, body })), 'handed in')
    }
    case 'env draft approve': {
      if (invocation.flag('undo')) return told(need(await client.call('unapproveDraft', { params })), 'no longer approved by you')
      const version = wholeNumber(invocation.option('version'), '--version', spec.name)
      const body = { ...said(), ...(version === undefined ? {} : { version }) }
      const draft = need(await client.call('approveDraft', { params, body }))
      return told(draft, `approved as it is in version ${draft.version}`)
    }
    case 'env draft comment': {
      const answer = need(await client.call('commentDraft', { params, body: { comment: invocation.argument('text') ?? '' } }))
      return output.answer(answer, () => 'said\n')
    }
    case 'env draft close':
      return told(need(await client.call('closeDraft', { params, body: said() })), 'closed')
    default: {
      const answer = need(await client.call('applyDraft', { params, body: {} }))
      const granted = answer.kind === 'access'
      const done = granted ? `can be opened by ${printable(answer.author)} for a while` : `is at revision ${answer.revision}`
      return output.answer(answer, () => `${printable(answer.environment)} ${done}\n`)
    }
  }
}
