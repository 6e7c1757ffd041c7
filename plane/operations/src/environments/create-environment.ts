import { Buffer } from 'node:buffer'
import { ok, shortName } from '@headgate/model'
import type { UseCase } from '../plane.ts'
import { draftEnvironment, projectWrites } from './new-environment.ts'
import { sealDocument } from './seal-document.ts'

/** What an environment holds that was made without a text: a document, and nothing in it. */
const EMPTY_TEXT = 'values: {}\n'

/** Makes an environment with its first revision. Its project is made with it where it is new. */
export const createEnvironment: UseCase<'createEnvironment'> = async (plane, caller, { params, body }) => {
  const draft = await draftEnvironment(plane, params)
  if (!draft.ok) return draft
  const sealed = await sealDocument(plane, caller, draft.value, body.text ?? EMPTY_TEXT)
  if (!sealed.ok) return sealed
  const { text, records, diagnostics } = sealed.value
  const { revision, writes } = plane.vault.newEnvironment(draft.value, text, { author: caller.principal, time: plane.now() })
  return ok({
    answer: {
      environment: shortName(params),
      revision: revision.number,
      hash: Buffer.from(revision.hash).toString('hex'),
      diagnostics: [...diagnostics],
    },
    writes: [...(await projectWrites(plane, [params.project])), ...writes, ...records],
    details: { revision: revision.number, sealed: records.length },
  })
}
