import { type Result, ok, refuse } from '@headgate/model'

/** Seconds of each unit a duration is written in. */
const UNITS: Readonly<Record<string, number>> = { ns: 1e-9, us: 1e-6, µs: 1e-6, μs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 }
/** The micro sign and the Greek letter mu are written by number: one such letter in a regular expression would double the bundle's memory. */
const PART = /([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/gy

/** A duration such as `2h0m0s`, `1h30m` or `90s`, in whole seconds rounded up; undefined where none is asked for. */
export function parseDuration(text: string | undefined): Result<number | undefined> {
  if (text === undefined) return ok(undefined)
  let seconds = 0
  let end = 0
  for (const match of text.matchAll(PART)) {
    seconds += Number(match[1]) * (UNITS[match[2] ?? ''] ?? 0)
    end = match.index + match[0].length
  }
  if (end !== text.length || end === 0 || !Number.isFinite(seconds)) {
    return refuse('REQUEST_INVALID', { reason: 'query.duration: not a duration such as 1h30m' })
  }
  return ok(Math.ceil(seconds))
}
