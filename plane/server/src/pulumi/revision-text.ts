import type { Answer } from '@headgate/contract'
import { type Result, ok, refuse, shortName } from '@headgate/model'
import { type WireAnswer, type WireRequest, nameOf } from './wire-route.ts'

type Read = Pick<Answer<'readEnvironment'>, 'revision' | 'hash'>

/** What names a revision for clients that edit: another text, or the same name made anew, has another. */
export function etagOf({ revision, hash }: Read): string {
  return `"${revision}-${hash.slice(0, 16)}"`
}

/** A text with the headers that clients cannot do without. */
export function textAnswer(text: string, read: Read): Result<WireAnswer> {
  return ok({ status: 200, text, headers: { etag: etagOf(read), 'pulumi-esc-revision': String(read.revision) } })
}

/** The tag of what was edited. The command line sends it by the name of the answer's header, others by the standard's. */
export function editedTag({ headers }: Pick<WireRequest, 'headers'>): string | undefined {
  const given = headers['if-match'] ?? headers['etag']
  const text = Array.isArray(given) ? given[0] : given
  return text === undefined || text === '' || text === '*' ? undefined : text.replace(/^W\//, '')
}

/** The revision a save is to be made on: the newest, which must be the one that was edited where the client says so. */
export async function expectedRevision(request: WireRequest): Promise<Result<number>> {
  const params = nameOf(request)
  const head = await request.ask('readEnvironment', { params })
  if (!head.ok) return head
  const { revision } = head.value
  const tag = editedTag(request)
  if (tag === undefined || sameTag(tag, etagOf(head.value))) return ok(revision)
  const edited = Number.parseInt(tag.replace(/^"/, ''), 10)
  return refuse('REVISION_CONFLICT', { environment: shortName(params), expected: Number.isNaN(edited) ? 0 : edited, actual: revision })
}

/** Whether two tags are the same, whatever became of their quotes on the way. */
export function sameTag(left: string, right: string): boolean {
  return left.replaceAll('"', '') === right.replaceAll('"', '')
}
