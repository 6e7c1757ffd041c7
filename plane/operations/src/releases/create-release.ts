import { readApplicationFile } from '@headgate/contract'
import { readYaml } from '@headgate/lang'
import { type Diagnostic, hasErrors, ok, refuse } from '@headgate/model'
import type { UseCase } from '../plane.ts'
import { actorOf, targetOf } from './target.ts'

/** Freezes artifacts, configuration and target specification into a release. The plane reads the file itself, whatever the client made of it. */
export const createRelease: UseCase<'createRelease'> = async (plane, caller, { params, body }) => {
  const tree = readYaml(body.file.name, body.file.text)
  if (hasErrors(tree.diagnostics)) return invalid(body.file.name, tree.diagnostics)
  const { file, diagnostics } = readApplicationFile(tree.root, body.file.name)
  if (!file) return invalid(body.file.name, diagnostics)
  const release = await plane.releases.create({
    target: targetOf(params),
    file,
    artifacts: body.artifacts,
    by: actorOf(caller),
    ...(body.configuration === undefined ? {} : { configuration: body.configuration }),
    ...(body.version === undefined ? {} : { version: body.version }),
  })
  if (!release.ok) return release
  const { id, content } = release.value
  const configuration = content.configuration.revisions.map(({ environment, revision }) => `${environment}@${revision}`)
  return ok({ answer: release.value, details: { release: id, configuration, version: release.value.version ?? null } })
}

function invalid(file: string, diagnostics: readonly Diagnostic[]) {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length
  return refuse('APPLICATION_FILE_INVALID', { file, count: `${errors} ${errors === 1 ? 'error' : 'errors'}` }, diagnostics)
}
