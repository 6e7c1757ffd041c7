import type { Answer } from '@headgate/contract'
import { type EnvironmentName, type Result, shortName } from '@headgate/model'
import type { PlaneClient } from '@headgate/sdk/http'
import { type Sources, need } from '../outcome.ts'

/** One change to a text, which can be made again on a newer text. */
export interface TextEdit {
  /** The changed text; every other byte is as it was. */
  apply(text: string): Result<string>
  /** What stands where the change is made, to see whether somebody else changed just that; undefined where nothing does. */
  touched(text: string): string | undefined
}

/** What came of a change. Where the text was that way already there is no new revision. */
export interface ChangedText extends Omit<Answer<'saveEnvironment'>, 'hash'> {
  readonly changed: boolean
  readonly sources: Sources
}

/** So many others may be faster before it is given up; each of them saved something, so somebody always gets on. */
const ATTEMPTS = 8

/**
 * Makes a change on the newest revision. Where somebody else saves in between, it is made again on theirs, unless they
 * changed the very place: then the conflict ends the command, naming both revisions.
 */
export async function changeText(client: PlaneClient, name: EnvironmentName, edit: TextEdit): Promise<ChangedText> {
  let { text, revision, environment } = need(await client.call('readEnvironment', { params: name }))
  const touched = edit.touched(text)
  for (let attempt = 1; ; attempt++) {
    const changed = need(edit.apply(text), { [shortName(name)]: text })
    const sources = { [shortName(name)]: changed }
    if (changed === text) return { environment, revision, diagnostics: [], changed: false, sources }
    const saved = await client.call('saveEnvironment', { params: name, body: { text: changed, expected: revision } })
    if (saved.ok) return { ...saved.value, changed: true, sources }
    if (saved.problem.code !== 'REVISION_CONFLICT' || attempt === ATTEMPTS) need(saved, sources)
    const newest = need(await client.call('readEnvironment', { params: name }))
    if (edit.touched(newest.text) !== touched) need(saved, sources)
    ;({ text, revision, environment } = newest)
  }
}
