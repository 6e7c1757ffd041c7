import type { Role, Statement, TokenLimit } from './access.ts'
import { permissions } from './permission.ts'
import type { Diagnostic } from './diagnostic.ts'
import { compilePattern } from './pattern.ts'
import { type Result, ok, refuse } from './result.ts'

const ROLE_NAME = /^[a-z][a-z0-9-]{0,62}$/
/** A part of a glob: what names are made of, and stars; two stars in a row would be one. */
const GLOB_PART = /^(?!.*\*\*)[A-Za-z0-9_.*-]{1,100}$/
/** Largest numbers, so that comparing two roles stays cheap. */
export const ROLE_LIMITS = { statements: 50, environments: 20, patterns: 20, patternLength: 500, description: 500 } as const

/** A role as it comes from outside, checked. Every mistake is named, each with its path inside the role. */
export function parseRole(role: Role): Result<Role> {
  const found: Diagnostic[] = []
  if (!ROLE_NAME.test(role.name)) {
    mistake(found, 'name', 'the name of a role is made of at most 63 lower-case letters, digits and -, and starts with a letter')
  }
  if (role.description.length > ROLE_LIMITS.description) {
    mistake(found, 'description', `a description has at most ${ROLE_LIMITS.description} characters`)
  }
  if (role.statements.length === 0) mistake(found, 'statements', 'it has no statement, so it would allow nothing', exampleStatement)
  atMost(found, 'statements', role.statements, ROLE_LIMITS.statements, 'statements')
  for (const [i, statement] of role.statements.entries()) checkStatement(found, `statements[${i}]`, statement)
  if (found.length === 0) return ok(role)
  return refuse('ROLE_INVALID', { role: role.name, reason: found[0]?.message ?? '' }, found)
}

/** Globs a binding or a token is confined to, checked; `what` names the list they stand in. */
export function scopeMistakes(globs: readonly string[], what: string): Diagnostic[] {
  const found: Diagnostic[] = []
  if (globs.length === 0) mistake(found, what, 'it names no environment, so nothing would be left', 'leave it out for all environments')
  atMost(found, what, globs, ROLE_LIMITS.environments, 'environments')
  for (const [i, glob] of globs.entries()) checkGlob(found, `${what}[${i}]`, glob)
  return found
}

/** What a token is to be confined to, checked. */
export function limitMistakes(limit: TokenLimit): Diagnostic[] {
  const found = limit.environments ? scopeMistakes(limit.environments, 'environments') : []
  for (const [i, permission] of (limit.permissions ?? []).entries()) checkPermission(found, `permissions[${i}]`, permission)
  if (limit.roles?.length === 0) mistake(found, 'roles', 'it names no role, so nothing would be left', 'leave it out for all roles')
  return found
}

const exampleStatement = '{effect: allow, permissions: [read, open], environments: ["main/shop/*"]}'

function checkStatement(found: Diagnostic[], path: string, statement: Statement): void {
  if (statement.permissions.length === 0) mistake(found, `${path}.permissions`, 'it names no permission', 'for all of them: ["*"]')
  for (const [i, permission] of statement.permissions.entries()) {
    if (permission !== '*') checkPermission(found, `${path}.permissions[${i}]`, permission)
  }
  if (statement.environments.length === 0) mistake(found, `${path}.environments`, 'it names no environment', 'for all: ["main/*/*"]')
  atMost(found, `${path}.environments`, statement.environments, ROLE_LIMITS.environments, 'environments')
  for (const [i, glob] of statement.environments.entries()) checkGlob(found, `${path}.environments[${i}]`, glob)
  const { patterns } = statement
  if (patterns?.length === 0) mistake(found, `${path}.patterns`, 'it names no path, so it speaks of nothing', 'leave it out for every path')
  atMost(found, `${path}.patterns`, patterns ?? [], ROLE_LIMITS.patterns, 'patterns')
  for (const [i, pattern] of (patterns ?? []).entries()) checkPattern(found, `${path}.patterns[${i}]`, pattern)
}

function checkPermission(found: Diagnostic[], path: string, permission: string): void {
  if (!(permissions as readonly string[]).includes(permission)) {
    mistake(found, path, `there is no permission ${permission}`, `one of ${permissions.join(', ')}`)
  }
}

function checkGlob(found: Diagnostic[], path: string, glob: string): void {
  const parts = glob.split('/')
  if (parts.length !== 3) {
    mistake(found, path, `${glob} is not organisation/project/environment`, 'a * stays inside one part: main/shop/*, main/*/staging')
    return
  }
  if (!parts.every((part) => GLOB_PART.test(part))) {
    mistake(found, path, `a part of ${glob} is not made of letters, digits, the characters _ . - and single stars`)
  }
}

function checkPattern(found: Diagnostic[], path: string, pattern: string): void {
  if (pattern.length > ROLE_LIMITS.patternLength) {
    mistake(found, path, `a pattern has at most ${ROLE_LIMITS.patternLength} characters`)
    return
  }
  const compiled = compilePattern(pattern)
  if (!compiled.ok) mistake(found, path, compiled.problem.message, compiled.problem.hint)
}

function atMost(found: Diagnostic[], path: string, list: readonly unknown[], limit: number, what: string): void {
  if (list.length > limit) mistake(found, path, `there are ${list.length} ${what}, and at most ${limit} are taken`)
}

function mistake(found: Diagnostic[], path: string, message: string, hint?: string): void {
  found.push({ severity: 'error', code: 'ROLE_INVALID', message, path, ...(hint === undefined ? {} : { hint }) })
}
