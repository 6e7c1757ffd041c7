import { type Decision, type HeldRole, type Resource, type Statement, decide, reachOf } from './access.ts'
import type { Permission } from './permission.ts'

/** One statement that speaks of what was asked. */
export interface Reason {
  readonly role: string
  /** The team the role is held through; absent where it is held directly. */
  readonly team?: string
  /** The statement's place in the role, counted from 1. */
  readonly number: number
  readonly statement: Statement
  /** `some`: it speaks of single paths of what was asked. */
  readonly reach: 'some' | 'all'
  /** Whether the answer would be another without statements like this one. */
  readonly decisive: boolean
}

/** An answer of `decide`, and why: every statement that speaks of the matter, the decisive ones first. */
export interface Explanation {
  readonly decision: Decision
  readonly reasons: readonly Reason[]
}

/** Says why `decide` answers as it does. Without reasons it is a denial because nothing allows it. */
export function explain(permission: Permission, resource: Resource, held: readonly HeldRole[], now: number): Explanation {
  const decision = decide(permission, resource, held, now)
  const speaking = held
    .filter(({ expires }) => expires === undefined || expires > now)
    .flatMap((each) => speakingOf(each, permission, resource, decision))
  return { decision, reasons: speaking.toSorted((a, b) => Number(b.decisive) - Number(a.decisive)) }
}

function speakingOf(held: HeldRole, permission: Permission, resource: Resource, decision: Decision): Reason[] {
  const { role, team } = held
  return role.statements.flatMap((statement, index) => {
    const reach = reachOf(held, statement, permission, resource)
    if (reach === 'none') return []
    const decisive = isDecisive(statement.effect, reach, decision)
    return [{ role: role.name, ...(team === undefined ? {} : { team }), number: index + 1, statement, reach, decisive }]
  })
}

function isDecisive(effect: Statement['effect'], reach: 'some' | 'all', decision: Decision): boolean {
  if (decision === 'allow') return effect === 'allow' && reach === 'all'
  return decision === 'deny' ? effect === 'deny' && reach === 'all' : reach === 'some'
}

/** Whether some role allows something anywhere at all; nothing more is said about where. */
export function allowsSomewhere(permission: Permission, held: readonly HeldRole[], now: number): boolean {
  return held
    .filter(({ expires }) => expires === undefined || expires > now)
    .filter(({ role, limit }) => (limit?.roles?.includes(role.name) ?? true) && (limit?.permissions?.includes(permission) ?? true))
    .some(({ role }) =>
      role.statements.some(
        ({ effect, permissions }) => effect === 'allow' && (permissions.includes('*') || permissions.includes(permission)),
      ),
    )
}
