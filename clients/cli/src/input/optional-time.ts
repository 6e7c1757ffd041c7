import { end } from '../outcome.ts'
import { parseTime } from '../output/time.ts'

/** The time an option names; undefined where it was not given. Ends the command where it is no time. */
export function optionalTime(text: string | undefined, option: string, command: string): number | undefined {
  if (text === undefined) return undefined
  const time = parseTime(text, Date.now())
  return time ?? end('USAGE', { reason: `${option} takes a date, or a time ago like 90m, 24h, 7d, not ${text}`, command })
}
