import { type EnvironmentName, fullName } from './environment-reference.ts'
import { type Pattern, compilePattern, globMatches } from './pattern.ts'
import type { Permission } from './permission.ts'

/** One sentence of a role: whom it concerns is the binding's business, when it applies is decided by these four. */
export interface Statement {
  readonly effect: 'allow' | 'deny'
  readonly permissions: readonly (Permission | '*')[]
  /** Globs on `organisation/project/environment`; `*` stays within one segment. */
  readonly environments: readonly string[]
  /** Regular expressions on the path inside the environment, anchored at both ends; absent means every path. */
  readonly patterns?: readonly string[]
}

export interface Role {
  readonly name: string
  readonly description: string
  readonly statements: readonly Statement[]
}

/**
 * What a token leaves of its owner's rights. It narrows what roles allow and never what they deny, so a token can do
 * nothing its owner cannot. What is absent narrows nothing.
 */
export interface TokenLimit {
  /** Names of roles; those of others allow nothing. */
  readonly roles?: readonly string[]
  readonly permissions?: readonly Permission[]
  /** Globs on `organisation/project/environment`. */
  readonly environments?: readonly string[]
}

/** A role somebody holds, for ever or until a time in milliseconds since 1970. */
export interface HeldRole {
  readonly role: Role
  readonly expires?: number
  /** Globs the role is held on, its denials too; absent means wherever it speaks of. */
  readonly scope?: readonly string[]
  /** The team it is held through. */
  readonly team?: string
  /** What the token in use leaves of it. */
  readonly limit?: TokenLimit
}

/**
 * What is asked for. Without `environment` it is the whole project, without `project` the whole organisation;
 * without `path` it is everything at that level.
 */
export interface Resource {
  readonly kind: 'organisation' | 'project' | 'environment' | 'release'
  readonly organisation: string
  readonly project?: string
  readonly environment?: string
  readonly path?: string
}

/** `partial`: some paths inside are allowed and others are not; each has to be asked for by itself. */
export type Decision = 'allow' | 'partial' | 'deny'

/** How much of a resource a statement speaks of. */
export type Reach = 'none' | 'some' | 'all'

/**
 * Decides one question of access. Deny is the default, and an explicit deny beats every allow.
 *
 * For a resource with a path the answer is `allow` or `deny`. For one without, `allow` means every path inside,
 * `deny` none that any statement names, `partial` anything between.
 *
 * @param now milliseconds since 1970; a role held until then no longer counts
 */
export function decide(permission: Permission, resource: Resource, held: readonly HeldRole[], now: number): Decision {
  let allowed = 'none' as Reach
  let denied = false
  for (const each of held) {
    if (each.expires !== undefined && each.expires <= now) continue
    for (const statement of each.role.statements) {
      const reach = reachOf(each, statement, permission, resource)
      if (reach === 'none') continue
      if (statement.effect === 'allow') allowed = reach === 'all' || allowed === 'all' ? 'all' : 'some'
      else if (reach === 'all') return 'deny'
      else denied = true
    }
  }
  if (allowed === 'none') return 'deny'
  return allowed === 'all' && !denied ? 'allow' : 'partial'
}

/** How much of a resource one statement of a held role speaks of. */
export function reachOf(held: HeldRole, statement: Statement, permission: Permission, resource: Resource): Reach {
  if (!statement.permissions.includes('*') && !statement.permissions.includes(permission)) return 'none'
  if (!reaches(statement.environments, resource) || (held.scope && !reaches(held.scope, resource))) return 'none'
  if (statement.effect === 'allow' && held.limit && !limitReaches(held.limit, held.role.name, permission, resource)) return 'none'
  if (statement.patterns === undefined) return 'all'
  if (resource.path === undefined) return statement.patterns.length === 0 ? 'none' : statement.patterns.includes('.*') ? 'all' : 'some'
  const path = resource.path
  return statement.patterns.some((pattern) => compiled(pattern).matches(path)) ? 'all' : 'none'
}

function limitReaches(limit: TokenLimit, role: string, permission: Permission, resource: Resource): boolean {
  if (limit.roles && !limit.roles.includes(role)) return false
  if (limit.permissions && !limit.permissions.includes(permission)) return false
  return limit.environments === undefined || reaches(limit.environments, resource)
}

/**
 * Globs speak of a whole project or organisation only where they leave the levels below it open, so a role for one
 * environment gives no right over the organisation.
 */
function reaches(globs: readonly string[], resource: Resource): boolean {
  const { organisation, project, environment } = resource
  if (project !== undefined && environment !== undefined) {
    const name = fullName({ organisation, project, environment })
    return globs.some((glob) => globMatches(glob, name))
  }
  return globs.some((glob) => {
    const [globOrganisation = '', globProject = '', globEnvironment = '', ...rest] = glob.split('/')
    if (rest.length > 0 || globEnvironment !== '*' || !globMatches(globOrganisation, organisation)) return false
    return project === undefined ? globProject === '*' : globMatches(globProject, project)
  })
}

const patternCache = new Map<string, Pattern>()
/** Roles hold few patterns, but a hostile administrator could mint many; the cache starts anew rather than grow. */
const PATTERN_CACHE_LIMIT = 10_000

/** Patterns are checked when a role is saved, so one that does not compile here is a bug or a tampered row. */
function compiled(source: string): Pattern {
  const known = patternCache.get(source)
  if (known) return known
  const result = compilePattern(source)
  if (!result.ok) throw new Error(`the pattern ${source} of a saved role does not compile`)
  if (patternCache.size >= PATTERN_CACHE_LIMIT) patternCache.clear()
  patternCache.set(source, result.value)
  return result.value
}

/** The resource of an environment, or of a path in it. */
export function environmentResource(name: EnvironmentName, path?: string): Resource {
  const { organisation, project, environment } = name
  return { kind: 'environment', organisation, project, environment, ...(path === undefined ? {} : { path }) }
}

/** `kind:organisation/project/environment#path`, as it stands in audit records and messages. */
export function renderResource(resource: Resource): string {
  const name = [resource.organisation, resource.project, resource.environment].filter((part) => part !== undefined).join('/')
  return resource.path === undefined ? `${resource.kind}:${name}` : `${resource.kind}:${name}#${resource.path}`
}
