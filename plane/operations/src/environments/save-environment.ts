import { Buffer } from 'node:buffer'
import { ok, refuse, shortName } from '@headgate/model'
import type { UseCase } from '../plane.ts'
import { findEnvironment } from './find-revision.ts'
import { sealDocument } from './seal-document.ts'

/** Saves a text as the next revision of an environment, if nobody saved one in between. */
export const saveEnvironment: UseCase<'saveEnvironment'> = async (plane, caller, { params, body }) => {
  const found = await findEnvironment(plane, params)
  if (!found.ok) return found
  const environment = found.value
  if (environment.head_revision !== body.expected) {
    return refuse('REVISION_CONFLICT', { environment: shortName(params), expected: body.expected, actual: environment.head_revision })
  }
  const sealed = await sealDocument(plane, caller, environment, body.text)
  if (!sealed.ok) return sealed
  const { text, records, diagnostics } = sealed.value
  const { revision, writes } = plane.vault.newRevision(environment, text, { author: caller.principal, time: plane.now() })
  return ok({
    answer: {
      environment: shortName(params),
      revision: revision.number,
      hash: Buffer.from(revision.hash).toString('hex'),
      diagnostics: [...diagnostics],
    },
    expect: [{ kind: 'head', environment: environment.id, revision: body.expected, name: shortName(params) }],
    writes: [...records, ...writes],
    details: { revision: revision.number, sealed: records.length },
  })
}
