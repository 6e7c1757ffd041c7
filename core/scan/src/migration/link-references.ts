import type { DotenvAssignment } from '../dotenv/dotenv-file.ts'
import { escapeInterpolation } from './yaml-scalar.ts'

/** A value with its references to other variables of the environment followed. */
export interface LinkedValue {
  /** What opening the environment gives. */
  readonly value: string
  /** As the environment language writes it. */
  readonly expression: string
  /** The variables it names directly. */
  readonly links: readonly string[]
}

/** References to references can double with every step. A followed value grows no longer than this, about what a process takes. */
const LONGEST = 1 << 17

/** What following may add to all values of an environment together. */
const MOST_ADDED = 1 << 24

/**
 * The values of an environment's variables with `${X}` linked where X is one of them.
 *
 * Only plain `${X}` outside single quotes is linked. `$X`, defaults as in `${X:-d}`, and references that lead back to
 * themselves stay text, as npm dotenv reads them.
 */
export function linkReferences(assignments: ReadonlyMap<string, DotenvAssignment>): Map<string, LinkedValue> {
  const linked = new Map<string, LinkedValue>()
  const state = { assignments, linked, open: new Set<string>(), added: 0 }
  for (const name of assignments.keys()) follow(name, state)
  return linked
}

interface Following {
  readonly assignments: ReadonlyMap<string, DotenvAssignment>
  readonly linked: Map<string, LinkedValue>
  /** The names that are being followed: meeting one again is a circle. */
  readonly open: Set<string>
  /** How much following has added so far. */
  added: number
}

/** Chains longer than this stay text; no person writes them, and recursion has an end. */
const DEEPEST = 100

function follow(name: string, state: Following): LinkedValue | undefined {
  const known = state.linked.get(name)
  if (known) return known
  const assignment = state.assignments.get(name)
  if (!assignment || state.open.has(name) || state.open.size > DEEPEST) return undefined
  state.open.add(name)
  const result = join(assignment, state)
  state.open.delete(name)
  state.linked.set(name, result)
  return result
}

function join(assignment: DotenvAssignment, state: Following): LinkedValue {
  const links: string[] = []
  let value = ''
  let expression = ''
  let copied = 0
  for (const reference of assignment.references) {
    if (reference.form !== 'braced' || reference.modifier !== '') continue
    const target = follow(reference.name, state)
    if (!target || value.length + target.value.length > LONGEST || state.added > MOST_ADDED) continue
    state.added += target.value.length
    const text = assignment.value.slice(copied, reference.index)
    value += text + target.value
    expression += `${escapeBeforeReference(text)}\${environmentVariables.${reference.name}}`
    if (!links.includes(reference.name)) links.push(reference.name)
    copied = reference.index + reference.text.length
  }
  const rest = assignment.value.slice(copied)
  return { value: value + rest, expression: expression + escapeInterpolation(rest), links }
}

/** A `$` at the end of the text would otherwise escape the reference behind it. */
function escapeBeforeReference(text: string): string {
  return escapeInterpolation(`${text}{`).slice(0, -1)
}
