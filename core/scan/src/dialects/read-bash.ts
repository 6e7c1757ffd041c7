import type { DialectReading } from './dialect.ts'
import { ShellText } from './shell-text.ts'

/**
 * What bash sets when it sources a text, as far as the text alone tells.
 *
 * Assignments, quotes, escapes and parameter expansion are followed. Words behind an assignment make it a command, which
 * then sets nothing; it is passed over, never run. A substitution, a pipe or a syntax error stops the reading, and the
 * value of a tilde is not known: what they do depends on the machine.
 */
export function readBash(text: string): DialectReading {
  const shell = new ShellText(text)
  const values = new Map<string, string | null>()
  let line = 1
  while (!shell.atEnd) {
    const start = shell.offset
    const assignments = readCommand(shell, values)
    if (assignments === undefined) return { values, stoppedAt: line }
    for (const [name, value] of assignments) {
      // An unknown value is no value: nothing is claimed about it.
      if (value === undefined) values.delete(name)
      else values.set(name, value)
    }
    line += shell.lineEndsSince(start)
  }
  return { values }
}

type Assigned = readonly [name: string, value: string | undefined]

/** The assignments of the next line; undefined where nothing can be told from there on. */
function readCommand(shell: ShellText, known: Map<string, string | null>): Assigned[] | undefined {
  const found: Assigned[] = []
  shell.skipBlanks()
  const exported = shell.keyword('export')
  for (;;) {
    shell.skipBlanks()
    if (shell.skipComment() || shell.skipLineEnd()) return found
    const name = shell.name()
    if (name !== undefined && shell.skip('=')) {
      const word = shell.word((variable) => valueOf(variable, found, known))
      if (word === undefined) return undefined
      found.push([name, word.value])
    } else if (!(exported && name !== undefined && shell.atWordEnd)) {
      return passCommand(shell) ? [] : undefined
    }
  }
}

function valueOf(variable: string, found: readonly Assigned[], known: ReadonlyMap<string, string | null>): string {
  const here = found.findLast(([name]) => name === variable)
  return here ? (here[1] ?? '') : (known.get(variable) ?? '')
}

/** Passes over the words of a command, whose assignments hold for it alone. */
function passCommand(shell: ShellText): boolean {
  for (;;) {
    shell.skipBlanks()
    if (shell.skipComment() || shell.skipLineEnd()) return true
    if (shell.word(() => '') === undefined) return false
  }
}
