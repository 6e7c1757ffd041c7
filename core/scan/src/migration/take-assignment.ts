import { type ErrorCode, describeError } from '@headgate/model'
import type { Classification } from '../classify/classification.ts'
import { isPortableName } from '../dotenv/diagnose.ts'
import type { DotenvAssignment } from '../dotenv/dotenv-file.ts'
import type { PlaceholderPolicy, Refusal } from './migration-plan.ts'
import { isProduction } from './target-environment.ts'

/** Why an assignment cannot be taken over as it stands; undefined where it can. Whether another one wins is not asked here. */
export function refusalOf(assignment: DotenvAssignment): Refusal | undefined {
  const { name } = assignment
  return isPortableName(name) ? valueRefusal(assignment) : refusal('name', 'DOTENV_NAME_REJECTED', name)
}

/** Why what was read is not what was meant: it may hold anything then, the rest of the file or the arguments of a command. */
export function valueRefusal(assignment: DotenvAssignment): Refusal | undefined {
  const { name, value } = assignment
  if (assignment.unterminated) return refusal('open-quote', 'DOTENV_QUOTE_OPEN', name)
  if (value.includes('\0')) return refusal('nul', 'DOTENV_NUL', name)
  // U+FFFD in a file that says so itself is rare enough that refusing it beats storing a damaged secret.
  if (value.includes('\u{fffd}') || !value.isWellFormed()) return refusal('not-text', 'DOTENV_NOT_UTF8', name)
  if (value.startsWith('encrypted:')) return refusal('encrypted', 'DOTENV_ENCRYPTED', name)
  if (assignment.command) return refusal('command', 'DOTENV_COMMAND', name)
  return undefined
}

/** Why a placeholder is kept out of an environment; undefined where it is none, or may come in. */
export function placeholderRefusal(environment: string, policy: PlaceholderPolicy, classification: Classification): Refusal | undefined {
  if (!classification.placeholder) return undefined
  const blocked = policy === 'block' || (policy === 'by-environment' && isProduction(environment))
  if (!blocked) return undefined
  return { cause: 'placeholder', text: `a placeholder is not taken into ${environment}` }
}

/** A later assignment of the same name wins. */
export function overriddenBy(winner: DotenvAssignment, sameFile: boolean, file: string): Refusal {
  const place = sameFile ? `line ${winner.line}` : `line ${winner.line} of ${file}`
  return { cause: 'overridden', text: `it is set again on ${place}, which wins` }
}

function refusal(cause: Refusal['cause'], code: ErrorCode, name: string): Refusal {
  return { cause, text: describeError(code, { name }).message }
}
