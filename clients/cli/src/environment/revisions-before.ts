import type { Answer } from '@headgate/contract'
import { type EnvironmentName, type Result, ok } from '@headgate/model'
import type { PlaneClient } from '@headgate/sdk/http'

/** What the plane lists at once, at most. */
const LARGEST_PAGE = 1_000

/** The revisions before one, or the newest: as many as were asked for, a page at a time. */
export async function revisionsBefore(
  client: PlaneClient,
  params: EnvironmentName,
  before: number | undefined,
  limit: number,
): Promise<Result<Answer<'listRevisions'>>> {
  const page = Math.min(limit, LARGEST_PAGE)
  const answer = await client.call('listRevisions', { params, query: { limit: page, ...(before === undefined ? {} : { before }) } })
  if (!answer.ok || answer.value.revisions.length < page || page === limit) return answer
  const more = await revisionsBefore(client, params, answer.value.revisions.at(-1)?.revision, limit - page)
  return more.ok ? ok({ ...answer.value, revisions: [...answer.value.revisions, ...more.value.revisions] }) : more
}
