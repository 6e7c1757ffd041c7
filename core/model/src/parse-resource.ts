import type { Resource } from './access.ts'
import { nameProblem } from './environment-reference.ts'
import { type Result, ok, refuse } from './result.ts'

/**
 * What a text like `environment:main/shop/dev#database.password` names. Short forms are taken too: `shop/dev`,
 * `project:shop`, `organisation:main`.
 *
 * @param organisation what a text that leaves it out means
 */
export function parseResource(text: string, organisation: string): Result<Resource> {
  const [name = '', ...path] = text.split('#')
  const colon = name.indexOf(':')
  const kind = colon < 0 ? undefined : name.slice(0, colon)
  const parts = name.slice(colon + 1).split('/')
  const wrong = (reason: string) => refuse('RESOURCE_INVALID', { resource: text, reason })
  for (const part of parts) {
    const problem = nameProblem(part)
    if (problem) return wrong(problem)
  }
  if (path.length > 0 && (kind === 'organisation' || kind === 'project')) return wrong('only an environment has paths')
  switch (kind) {
    case 'organisation':
      return parts.length === 1 ? ok({ kind, organisation: parts[0] ?? '' }) : wrong('an organisation is one name')
    case 'project': {
      const [project = '', ...above] = parts.toReversed()
      return above.length < 2 ? ok({ kind, organisation: above[0] ?? organisation, project }) : wrong('a project has at most two parts')
    }
    case undefined:
    case 'environment':
    case 'release':
      return ofEnvironment(kind ?? 'environment', parts, path, organisation) ?? wrong('an environment is project/environment')
    default:
      return wrong(`there is no kind ${kind}; there are organisation, project, environment and release`)
  }
}

function ofEnvironment(
  kind: 'environment' | 'release',
  parts: readonly string[],
  path: readonly string[],
  own: string,
): Result<Resource> | undefined {
  const [environment = '', project, organisation = own, ...rest] = parts.toReversed()
  if (project === undefined || rest.length > 0) return undefined
  return ok({ kind, organisation, project, environment, ...(path.length > 0 ? { path: path.join('#') } : {}) })
}
