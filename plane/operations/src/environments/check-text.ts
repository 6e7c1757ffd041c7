import { DOCUMENT_LIMIT } from '@headgate/contract'
import { check, load, serialise } from '@headgate/lang'
import { ok, refuse } from '@headgate/model'
import { Rendered } from '../kept/rendered.ts'
import type { UseCase } from '../plane.ts'
import { textHost } from './environment-host.ts'

/** What ranges call a text that belongs to no environment. */
export const TEXT_NAME = '<yaml>'

/**
 * Evaluates a text that is saved nowhere. Sealed values stay unknown; with `showSecrets` those are opened that the
 * caller may open. Mistakes are part of the answer, beside what could be evaluated all the same.
 */
export const checkText: UseCase<'checkText'> = async (plane, caller, { body }) => {
  const size = Buffer.byteLength(body.text)
  if (size > DOCUMENT_LIMIT) return refuse('DOCUMENT_TOO_LARGE', { environment: TEXT_NAME, size, limit: DOCUMENT_LIMIT })
  const { document, diagnostics } = load(TEXT_NAME, body.text)
  if (!document) return ok({ answer: { diagnostics: [...diagnostics], evaluation: {} } })
  const { host, loaded } = textHost(plane, caller, { purpose: body.showSecrets === true ? 'open' : 'check' })
  const checked = await check(document, host, { trace: 'full', showSecrets: body.showSecrets === true })
  const found = JSON.stringify([...diagnostics, ...checked.diagnostics])
  const evaluation = checked.environment ? serialise(checked.environment) : '{}'
  return ok({
    answer: new Rendered(`{"diagnostics":${found},"evaluation":${evaluation}}`),
    details: {
      secrets: body.showSecrets === true,
      imports: loaded.map(({ project, environment, revision }) => `${project}/${environment}@${revision}`),
    },
  })
}
