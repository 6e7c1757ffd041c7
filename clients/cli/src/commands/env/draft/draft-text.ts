import type { Answer } from '@headgate/contract'
import { printable } from '../../../output/printable.ts'
import { need } from '../../../outcome.ts'
import type { Connection } from '../../../plane/connection.ts'
import { withoutVersion } from '../../../plane/environment-route.ts'

export type Draft = Answer<'submitDraft'>

/** A draft by its id, with the parameters of routes about its environment. */
export async function draftOf(connection: Connection, draft: string | undefined, command: string) {
  const found = need(await connection.client.call('showDraft', { params: { draft: draft ?? '' } }))
  const params = withoutVersion(await connection.environment(found.environment), command)
  return { found, params: { ...params, draft: found.draft } }
}

/** What a draft is for, on one line of several. */
export function describe({ draft, environment, kind, state, base, version, author, description }: Draft): string {
  const lines = [
    `draft ${printable(draft)} of ${printable(environment)}`,
    `  ${kind}, ${state}, version ${version} by ${printable(author)}, made on revision ${base}`,
  ]
  if (description !== '') lines.push(`  ${printable(description)}`)
  return `${lines.join('\n')}\n`
}
