import type { DialectReading } from './dialect.ts'

/** What `docker run --env-file` sets: the rest of the line as it stands, quotes and all. */
export function readDocker(text: string): DialectReading {
  const values = new Map<string, string | null>()
  for (const [index, line] of text
    .replace(/^\u{feff}/u, '')
    .split(/\r\n|\n/)
    .entries()) {
    const trimmed = line.replace(/^[ \t\v\f\r]+/, '')
    if (trimmed === '' || trimmed.startsWith('#')) continue
    const split = trimmed.indexOf('=')
    const name = split === -1 ? trimmed : trimmed.slice(0, split)
    // A blank in a name is an error, and nothing at all is set.
    if (name === '' || /\s/.test(name)) return { values: new Map(), stoppedAt: index + 1 }
    values.set(name, split === -1 ? null : trimmed.slice(split + 1))
  }
  return { values }
}
