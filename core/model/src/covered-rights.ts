import type { HeldRole, Role, Statement } from './access.ts'
import { type Permission, permissions } from './permission.ts'
import { globCovers, globsMeet } from './pattern.ts'

/**
 * A piece of what roles give or deny: one permission, in the environments that every one of the globs covers, on one
 * pattern of paths (undefined: every path), until a time (undefined: for ever).
 */
interface Region {
  readonly permission: Permission
  readonly globs: readonly string[]
  readonly pattern: string | undefined
  readonly until: number | undefined
}

/**
 * Whether one set of roles gives nothing that another does not give too, now and for as long as it lasts: the question
 * behind every grant, because nobody gives away what they do not have.
 *
 * It errs on the side of no: it compares globs exactly, patterns of paths by their text, and each statement by itself,
 * so rights that only several statements give together count as missing. Where it says yes, `decide` allows the holder
 * of `wanted` nothing that it does not allow the holder of `held`.
 */
export function covers(held: readonly HeldRole[], wanted: readonly HeldRole[], now: number): boolean {
  return firstUncovered(held, wanted, now) === undefined
}

/** The first piece of `wanted` that `held` does not give, in words; undefined where all of it is given. */
export function firstUncovered(held: readonly HeldRole[], wanted: readonly HeldRole[], now: number): string | undefined {
  const allowed = regionsOf(held, 'allow', now)
  const denied = regionsOf(held, 'deny', now)
  const wantedDenied = regionsOf(wanted, 'deny', now)
  const missing = regionsOf(wanted, 'allow', now).find((want) => {
    if (!allowed.some((have) => contains(have, want))) return true
    return denied.some((no) => meet(no, want) && !wantedDenied.some((also) => excludes(also, no, want)))
  })
  return missing && `${missing.permission} on ${missing.globs[0]}${missing.pattern === undefined ? '' : `#${missing.pattern}`}`
}

/** What a role denies, as if it allowed it: what its holders gain when they lose it. */
export function deniedByRole(role: Role): Role {
  const statements = role.statements.filter(({ effect }) => effect === 'deny')
  return { ...role, statements: statements.map((statement): Statement => ({ ...statement, effect: 'allow' })) }
}

/** What the holders of a role gain when it is edited: new allowances, and denials that are gone. */
export function gainedByEdit(before: Role, after: Role): Role {
  const key = (statement: Statement) =>
    JSON.stringify([statement.effect, statement.permissions, statement.environments, statement.patterns])
  const had = new Set(before.statements.map(key))
  const has = new Set(after.statements.map(key))
  const added = after.statements.filter((statement) => statement.effect === 'deny' || !had.has(key(statement)))
  const lost = deniedByRole({ ...before, statements: before.statements.filter((statement) => !has.has(key(statement))) })
  return { ...after, statements: [...added, ...lost.statements] }
}

function regionsOf(held: readonly HeldRole[], effect: Statement['effect'], now: number): Region[] {
  return held.filter(({ expires }) => expires === undefined || expires > now).flatMap((each) => regionsOfRole(each, effect))
}

function regionsOfRole({ role, scope, limit, expires }: HeldRole, effect: Statement['effect']): Region[] {
  const narrowed = effect === 'allow' ? limit : undefined
  if (narrowed?.roles && !narrowed.roles.includes(role.name)) return []
  const confined = combinations([scope, narrowed?.environments].filter((globs) => globs !== undefined))
  return role.statements
    .filter((statement) => statement.effect === effect)
    .flatMap((statement) => {
      const named = statement.permissions.includes('*') ? permissions : (statement.permissions as readonly Permission[])
      const left = narrowed?.permissions ? named.filter((permission) => narrowed.permissions?.includes(permission)) : named
      const patterns: readonly (string | undefined)[] = statement.patterns ?? [undefined]
      return left.flatMap((permission) =>
        statement.environments.flatMap((glob) =>
          confined.flatMap((globs) => patterns.map((pattern) => ({ permission, globs: [glob, ...globs], pattern, until: expires }))),
        ),
      )
    })
}

/** Every way to take one glob of each list. */
function combinations(lists: readonly (readonly string[])[]): readonly (readonly string[])[] {
  return lists.reduce<readonly (readonly string[])[]>((made, list) => made.flatMap((globs) => list.map((glob) => [...globs, glob])), [[]])
}

function everyPath(pattern: string | undefined): boolean {
  return pattern === undefined || pattern === '.*'
}

function lastsAsLong(one: Region, other: Region): boolean {
  return one.until === undefined || (other.until !== undefined && other.until <= one.until)
}

/** Whether everything of `inner` is in `outer`. What several globs cover together lies within each of them. */
function contains(outer: Region, inner: Region): boolean {
  if (outer.permission !== inner.permission || !lastsAsLong(outer, inner)) return false
  if (!everyPath(outer.pattern) && outer.pattern !== inner.pattern) return false
  return outer.globs.every((glob) => inner.globs.some((within) => globCovers(glob, within)))
}

/** Whether two pieces may have something in common; of patterns it is not known, so it is taken for granted. */
function meet(one: Region, other: Region): boolean {
  return one.permission === other.permission && one.globs.every((glob) => other.globs.every((against) => globsMeet(glob, against)))
}

/** Whether a denial takes away all that two pieces have in common. */
function excludes(denial: Region, no: Region, want: Region): boolean {
  if (denial.permission !== want.permission || !lastsAsLong(denial, want)) return false
  if (!everyPath(denial.pattern) && denial.pattern !== no.pattern && denial.pattern !== want.pattern) return false
  return denial.globs.every((glob) => [...no.globs, ...want.globs].some((within) => globCovers(glob, within)))
}
