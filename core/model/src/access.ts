import { type EnvironmentName, fullName } from './environment-reference.ts'
import { type Pattern, compilePattern, globMatches } from './pattern.ts'
import { type Result, ok, refuse } from './result.ts'

/**
 * What can be permitted. `read` shows that something exists and its text with sealed values left sealed; `open` shows
 * plaintext; `admin` covers principals, roles, tokens and settings of the organisation.
 */
export const permissions = ['read', 'write', 'delete', 'open', 'rotate', 'deploy', 'approve', 'audit', 'backup', 'admin'] as const
export type Permission = (typeof permissions)[number]

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

/** A role somebody holds, for ever or until a time in milliseconds since 1970. */
export interface HeldRole {
  readonly role: Role
  readonly expires?: number
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

/**
 * Decides one question of access. Deny is the default, and an explicit deny beats every allow.
 *
 * For a resource with a path the answer is `allow` or `deny`. For one without, `allow` means every path inside,
 * `deny` none that any statement names, `partial` anything between.
 *
 * @param now milliseconds since 1970; a role held until then no longer counts
 */
export function decide(permission: Permission, resource: Resource, held: readonly HeldRole[], now: number): Decision {
  let allowed: 'none' | 'some' | 'all' = 'none'
  let denied = false
  for (const { role, expires } of held) {
    if (expires !== undefined && expires <= now) continue
    for (const statement of role.statements) {
      const reach = reachOf(statement, permission, resource)
      if (reach === 'none') continue
      if (statement.effect === 'allow') allowed = reach === 'all' ? 'all' : allowed === 'all' ? 'all' : 'some'
      else if (reach === 'all') return 'deny'
      else denied = true
    }
  }
  if (allowed === 'none') return 'deny'
  return allowed === 'all' && !denied ? 'allow' : 'partial'
}

/** How much of a resource a statement speaks of. */
function reachOf(statement: Statement, permission: Permission, resource: Resource): 'none' | 'some' | 'all' {
  if (!statement.permissions.includes('*') && !statement.permissions.includes(permission)) return 'none'
  const level = environmentReach(statement, resource)
  if (level === 'none' || statement.patterns === undefined) return level
  if (resource.path === undefined) return statement.patterns.length === 0 ? 'none' : statement.patterns.includes('.*') ? level : 'some'
  const path = resource.path
  return statement.patterns.some((pattern) => compiled(pattern).matches(path)) ? level : 'none'
}

/**
 * A statement speaks of a whole project or organisation only where its globs leave the levels below it open, so a
 * role for one environment gives no right over the organisation.
 */
function environmentReach(statement: Statement, resource: Resource): 'none' | 'all' {
  const { organisation, project, environment } = resource
  const matches = statement.environments.some((glob) => {
    if (project !== undefined && environment !== undefined) return globMatches(glob, fullName({ organisation, project, environment }))
    const [globOrganisation = '', globProject = '', globEnvironment = '', ...rest] = glob.split('/')
    if (rest.length > 0 || globEnvironment !== '*' || !globMatches(globOrganisation, organisation)) return false
    return project === undefined ? globProject === '*' : globMatches(globProject, project)
  })
  return matches ? 'all' : 'none'
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

/** A role as it comes from outside, checked: known permissions, globs of three segments, patterns that compile. */
export function parseRole(role: Role): Result<Role> {
  const wrong = (reason: string) => refuse('ROLE_INVALID', { role: role.name, reason })
  if (!/^[a-z][a-z0-9-]{0,62}$/.test(role.name))
    return wrong('its name is made of lower-case letters, digits and -, and starts with a letter')
  if (role.statements.length === 0) return wrong('it has no statement')
  for (const statement of role.statements) {
    const unknown = statement.permissions.find((permission) => permission !== '*' && !permissions.includes(permission))
    if (unknown !== undefined) return wrong(`there is no permission ${unknown}; there are ${permissions.join(', ')}`)
    if (statement.permissions.length === 0) return wrong('a statement names no permission')
    if (statement.environments.length === 0) return wrong('a statement names no environment')
    const glob = statement.environments.find((candidate) => candidate.split('/').length !== 3 || candidate.split('/').includes(''))
    if (glob !== undefined) return wrong(`${glob} is not organisation/project/environment`)
    for (const pattern of statement.patterns ?? []) {
      const result = compilePattern(pattern)
      if (!result.ok) return result
    }
  }
  return ok(role)
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
