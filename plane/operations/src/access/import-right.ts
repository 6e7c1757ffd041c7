import {
  type Diagnostic,
  type EnvironmentName,
  type Problem,
  type Result,
  fullName,
  ok,
  parseEnvironmentReference,
  problemOf,
  refuse,
  shortName,
} from '@headgate/model'
import { decide, environmentResource } from '@headgate/model/access'
import type { Caller, Plane } from '../plane.ts'
import { pathFilter } from './authorise.ts'

/**
 * What a caller gets of an environment that another one imports. Opening needs `open` on it; checking a text shows
 * nothing that is sealed, so there it is enough to read it.
 */
export type ImportRight =
  | { readonly kind: 'whole' }
  /** Only some paths; the others are unknown to the caller. */
  | { readonly kind: 'paths'; readonly withheld: (path: string) => boolean }
  | { readonly kind: 'denied'; readonly problem: Problem }
  /** The caller may not even know of it, so it is not there for them. */
  | { readonly kind: 'unknown'; readonly problem: Problem }

/** `rotate` opens too, for the plane itself: what it opens is shown to nobody, so it takes whole environments. */
export type ImportPurpose = 'open' | 'check' | 'rotate'

/** Decided before anything is looked up, so that whether it is there makes no difference to what is said. */
export function importRight(plane: Plane, caller: Caller, name: EnvironmentName, purpose: ImportPurpose): ImportRight {
  const decision = (permission: 'open' | 'read') => decide(permission, environmentResource(name), caller.held, plane.now())
  const open = decision('open')
  if (open === 'allow' || (purpose === 'check' && decision('read') === 'allow')) return { kind: 'whole' }
  if (open === 'partial' && purpose === 'open') {
    const allowed = pathFilter(plane, caller, name)
    if (allowed) return { kind: 'paths', withheld: (path) => !allowed(path) }
  }
  if (decision('read') === 'deny') return { kind: 'unknown', problem: problemOf('ENV_NOT_FOUND', { environment: shortName(name) }) }
  const permission = purpose === 'check' ? 'read' : 'open'
  return { kind: 'denied', problem: problemOf('PERMISSION_DENIED', { principal: caller.name, permission, resource: shortName(name) }) }
}

/** An import the caller may not open: who imports it, what it is called, and whether that may be told. */
export interface DeniedImport {
  readonly importer: EnvironmentName
  readonly imported: EnvironmentName
  /** Whether the caller may see the text the import stands in. */
  readonly named: boolean
  /** Whether the caller may know of what is imported, if it is there. */
  readonly known: boolean
}

export function deniedImport(plane: Plane, caller: Caller, importer: EnvironmentName, imported: EnvironmentName): DeniedImport {
  const read = (name: EnvironmentName) => decide('read', environmentResource(name), caller.held, plane.now())
  return { importer, imported, named: read(importer) === 'allow', known: read(imported) !== 'deny' }
}

/**
 * The refusal for an imported environment, with the place of the import where the caller may see that. What they may not
 * know of is not found, whether it is there or not.
 */
export function refuseImport(
  caller: Caller,
  { importer, imported, named, known }: DeniedImport,
  diagnostics: readonly Diagnostic[] = [],
): Result<never> {
  const details = { environment: fullName(importer), imported: named ? fullName(imported) : 'another environment', principal: caller.name }
  const code = known ? 'OPEN_DENIED_IMPORT' : 'OPEN_IMPORT_NOT_FOUND'
  const { message, hint = '' } = problemOf(code, details)
  const places = diagnostics.filter(({ code: found, range }) => named && found === 'LANG_IMPORT' && range?.file === shortName(importer))
  return refuse(
    code,
    details,
    places.map((place) => ({ ...place, code, message, hint })),
  )
}

/** The environment whose text an import stands in, by the name the language calls it. */
export function importerNamed(plane: Plane, name: string): EnvironmentName | undefined {
  const reference = parseEnvironmentReference(name, { organisation: plane.organisation.name })
  if (!reference.ok) return undefined
  const { version: _, ...importer } = reference.value
  return importer
}

/** Whether somebody may bring an environment live in a release: whoever may deploy or open it. */
export function requireRelease(
  plane: Plane,
  by: { readonly name: string; readonly held: Caller['held'] },
  name: EnvironmentName,
): Result<void> {
  const decision = (permission: 'deploy' | 'open' | 'read') => decide(permission, environmentResource(name), by.held, plane.now())
  if (decision('deploy') === 'allow' || decision('open') === 'allow') return ok(undefined)
  if (decision('read') === 'deny') return refuse('ENV_NOT_FOUND', { environment: shortName(name) })
  return refuse('PERMISSION_DENIED', { principal: by.name, permission: 'deploy', resource: `environment:${fullName(name)}` })
}
