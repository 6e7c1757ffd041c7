import type { CommandContext } from '../command.ts'
import { localTime, parseFuture } from '../output/time.ts'
import { end } from '../outcome.ts'

/** What `--until` says, as milliseconds since 1970; undefined without it. */
export function untilOf({ invocation, spec }: CommandContext): number | undefined {
  const text = invocation.option('until')
  if (text === undefined) return undefined
  const time = parseFuture(text, Date.now())
  return time ?? end('USAGE', { reason: `--until takes a date, or a time from now like 12h, 30d, not ${text}`, command: spec.name })
}

/** What `--on` says: globs on organisation/project/environment. Without the organisation, the caller's is meant. */
export async function scopeOf({ invocation, connect }: CommandContext): Promise<string[] | undefined> {
  const globs = invocation.options('on')
  if (globs.length === 0) return undefined
  const organisation = globs.some((glob) => glob.split('/').length === 2) ? await (await connect()).organisation() : ''
  return globs.map((glob) => (glob.split('/').length === 2 ? `${organisation}/${glob}` : glob))
}

/** A role somebody holds, in one line: `operator on main/shop/* until …, by team:platform`. */
export function heldText(held: {
  readonly role: string
  readonly team?: string | undefined
  readonly scope?: readonly string[] | undefined
  readonly expires?: number | undefined
}): string {
  const scope = held.scope ? ` on ${held.scope.join(', ')}` : ''
  const until = held.expires === undefined ? '' : ` until ${localTime(held.expires)}`
  return `${held.role}${scope}${until}${held.team === undefined ? '' : ` (team:${held.team})`}`
}

/** The required word of a command. */
export function wordOf({ invocation, spec }: CommandContext, name: string): string {
  return invocation.argument(name) || end('USAGE', { reason: `${name} is empty`, command: spec.name })
}
