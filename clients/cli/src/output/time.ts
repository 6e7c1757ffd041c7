/** A time as people read it on their own clock: `2026-03-01 14:05:09`. */
export function localTime(milliseconds: number): string {
  const time = new Date(milliseconds)
  const two = (number: number) => String(number).padStart(2, '0')
  const day = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-')
  return `${day} ${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`
}

const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/** Reads a time: a date (with or without its time of day), or so long ago, as `90m`, `24h`, `7d`. Undefined where it is neither. */
export function parseTime(text: string, now: number): number | undefined {
  const ago = /^(\d{1,6})([smhdw])$/.exec(text)
  if (ago) return now - Number(ago[1]) * (units[ago[2] ?? ''] ?? 0)
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : date
}

/** Reads a time to come: a date, or so long from now, as `12h`, `30d`. Undefined where it is neither. */
export function parseFuture(text: string, now: number): number | undefined {
  const ahead = /^(\d{1,6})([smhdw])$/.exec(text)
  return ahead ? now + Number(ahead[1]) * (units[ahead[2] ?? ''] ?? 0) : parseTime(text, now)
}

/** `1 revision`, `3 revisions`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
