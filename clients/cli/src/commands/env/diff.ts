import { type EnvironmentReference, REDACTED, parseEnvironmentReference, shortName } from '@headgate/model'
import type { CommandContext } from '../../command.ts'
import { type DiffLine, type Hunk, diffLines, hunksOf } from '../../environment/line-diff.ts'
import { maskSealed } from '../../environment/mask-sealed.ts'
import type { Paint } from '../../output/paint.ts'
import { printable } from '../../output/printable.ts'
import { end, need } from '../../outcome.ts'
import type { Connection } from '../../plane/connection.ts'
import { paramsOf, versionOf } from '../../plane/environment-route.ts'

const DEFAULT_CONTEXT = 3
const ANOTHER_SECRET = '[another secret]'

/** Shows how two revisions differ. Lines are compared as they are stored, so a new secret is a change, and shown masked. */
export async function run({ output, invocation, connect, spec }: CommandContext): Promise<void> {
  const context = contextOf(invocation.option('context'), spec.name)
  const connection = await connect()
  const before = await connection.environment(invocation.argument('environment'))
  const pair = await sidesOf(connection, before, invocation.argument('other'))
  const [older, newer] = await Promise.all([readSide(connection, pair.older), readSide(connection, pair.newer)])
  const lines = masked(older.lines, newer.lines)
  const hunks = hunksOf(lines, context)
  const sides = { older: older.name, newer: newer.name }
  output.answer({ ...sides, same: hunks.length === 0, hunks: hunks.map((hunk) => hunk.map(documentOf)) }, () =>
    hunks.length === 0 ? `${printable(older.name)} and ${printable(newer.name)} are the same\n` : renderDiff(sides, hunks, output.paint),
  )
}

interface Side {
  readonly name: string
  readonly lines: readonly string[]
}

/**
 * The two revisions that are meant. With one environment only: a revision against the newest, or the newest against
 * the one before it.
 */
async function sidesOf(
  connection: Connection,
  named: EnvironmentReference,
  other: string | undefined,
): Promise<{ older: EnvironmentReference; newer: EnvironmentReference }> {
  const { version: _, ...name } = named
  if (other?.startsWith('@')) {
    return { older: named, newer: need(parseEnvironmentReference(`${shortName(name)}${other}`, name)) }
  }
  if (other !== undefined) return { older: named, newer: await connection.environment(other) }
  if (named.version !== undefined) return { older: named, newer: name }
  const { revision } = need(await connection.client.call('readEnvironment', { params: name }))
  if (revision === 1) end('REVISION_NOT_FOUND', { environment: shortName(name), revision: 0 })
  return { older: { ...name, version: revision - 1 }, newer: { ...name, version: revision } }
}

async function readSide({ client }: Connection, reference: EnvironmentReference): Promise<Side> {
  const answer = need(await client.call('readEnvironment', { params: paramsOf(reference), query: versionOf(reference) }))
  return { name: `${answer.environment}@${answer.revision}`, lines: answer.text.replace(/\n$/, '').split('\n') }
}

/** Lines as they are shown. A secret that was replaced would look the same on both sides, so the newer says that it is another. */
function masked(older: readonly string[], newer: readonly string[]): DiffLine[] {
  const before = new Set(older.map(maskSealed))
  return diffLines(older, newer).map((line) => {
    const text = maskSealed(line.text)
    const replaced = line.kind === 'added' && text !== line.text && before.has(text)
    return { ...line, text: replaced ? text.replace(REDACTED, ANOTHER_SECRET) : text }
  })
}

function documentOf({ kind, text, before, after }: DiffLine): object {
  return { kind, text, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }
}

function renderDiff({ older, newer }: { older: string; newer: string }, hunks: readonly Hunk[], paint: Paint): string {
  const lines = [paint.bold(`--- ${printable(older)}`), paint.bold(`+++ ${printable(newer)}`)]
  for (const hunk of hunks) {
    lines.push(paint.cyan(hunkHead(hunk)))
    for (const { kind, text } of hunk) {
      const shown = printable(text, 'lines')
      if (kind === 'same') lines.push(` ${shown}`)
      else lines.push(kind === 'added' ? paint.green(`+${shown}`) : paint.red(`-${shown}`))
    }
  }
  return `${lines.join('\n')}\n`
}

/** `@@ -3,4 +3,5 @@`: where the stretch is on each side, as every diff says it. */
function hunkHead(hunk: Hunk): string {
  const stretch = (numbers: number[]) => `${numbers[0] ?? 0},${numbers.length}`
  const before = hunk.flatMap((line) => line.before ?? [])
  const after = hunk.flatMap((line) => line.after ?? [])
  return `@@ -${stretch(before)} +${stretch(after)} @@`
}

function contextOf(text: string | undefined, command: string): number {
  if (text === undefined) return DEFAULT_CONTEXT
  if (!/^\d{1,6}$/.test(text)) end('USAGE', { reason: `--context takes a number of lines, not ${text}`, command })
  return Number(text)
}
