import { classify } from '../classify/classify.ts'
import { redactSecrets } from '../classify/scan-text.ts'
import type { DotenvAssignment, DotenvCommentedAssignment, DotenvFile } from '../dotenv/dotenv-file.ts'
import type { TextLine } from './environment-text.ts'
import type { TakenVariable } from './plan-environment.ts'

/**
 * A file's comments, blank lines and taken variables, in its order, as lines of an environment's text.
 *
 * Comments are text that everybody who may look at an environment can read, so what looks like a secret in them is
 * left out: the values of switched-off assignments with a secret name, and tokens of known forms anywhere.
 *
 * @param heading names the file where an environment is made of several; empty where it is not
 */
export function textLines(file: DotenvFile, taken: ReadonlyMap<string, TakenVariable>, heading: string, apart: boolean): TextLine[] {
  const lines: TextLine[] = apart ? [{ kind: 'blank' }] : []
  if (heading) lines.push({ kind: 'comment', text: ` ${heading}` })
  for (const item of file.items) {
    if (item.kind === 'blank') lines.push({ kind: 'blank' })
    if (item.kind === 'comment') lines.push({ kind: 'comment', text: redactSecrets(item.text) })
    if (item.kind === 'commented') lines.push({ kind: 'comment', text: commentedText(item) })
    if (item.kind === 'assignment') {
      const variable = taken.get(item.name)
      if (variable?.assignment === item) lines.push(variableLine(variable))
    }
  }
  return lines
}

function variableLine(variable: TakenVariable): TextLine {
  const { assignment, value, secret, links, expression } = variable
  const comment = inlineComment(assignment)
  const shared = { key: assignment.name, ...(comment ? { comment } : {}) }
  // A value made of references to secrets is secret by them, and is written as the references it is.
  return secret && links.length === 0 ? { kind: 'secret', ...shared, value } : { kind: 'value', ...shared, expression }
}

/** What follows a `#` without a blank may be the end of the value to other readers, a password's end for example. */
function inlineComment(assignment: DotenvAssignment): string | undefined {
  if (assignment.cutByHash || !assignment.inlineComment) return undefined
  return redactSecrets(assignment.inlineComment)
}

function commentedText(item: DotenvCommentedAssignment): string {
  const { secret, placeholder } = classify(item.name, item.value)
  if (secret && !placeholder && item.value !== '') return ` ${item.name}=[left out: it looks like a secret]`
  return ` ${redactSecrets(item.text)}`
}
