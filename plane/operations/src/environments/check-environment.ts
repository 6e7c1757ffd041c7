import { check, load } from '@headgate/lang'
import { DOCUMENT_LIMIT } from '@headgate/contract'
import { ok, refuse, shortName } from '@headgate/model'
import type { UseCase } from '../plane.ts'
import { environmentHost } from './environment-host.ts'
import { findEnvironment } from './find-revision.ts'

/** What is wrong with a text, as if it were saved as this environment. Decrypts nothing and calls nobody. */
export const checkEnvironment: UseCase<'checkEnvironment'> = async (plane, caller, { params, body }) => {
  const size = Buffer.byteLength(body.text)
  if (size > DOCUMENT_LIMIT) return refuse('DOCUMENT_TOO_LARGE', { environment: shortName(params), size, limit: DOCUMENT_LIMIT })
  const environment = await findEnvironment(plane, params)
  if (!environment.ok) return environment
  const { document, diagnostics } = load(`${params.project}/${params.environment}`, body.text)
  if (!document) return ok({ answer: { diagnostics: [...diagnostics] } })
  const { host } = environmentHost(plane, caller, params, environment.value, { purpose: 'check' })
  const checked = await check(document, host, { trace: 'none' })
  return ok({ answer: { diagnostics: [...diagnostics, ...checked.diagnostics] } })
}
