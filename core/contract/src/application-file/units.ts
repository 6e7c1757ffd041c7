import { z } from 'zod'

const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/
const SIZE = /^(\d+(?:\.\d+)?)(B|kB|KB|MB|GB|KiB|MiB|GiB)$/

const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }
const BYTES: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1000,
  KB: 1000,
  MB: 1000 ** 2,
  GB: 1000 ** 3,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
}

/** A length of time as people write it, for example `500ms`, `30s`, `5m`, `1h`; read as whole milliseconds. */
export const duration = z
  .string({ error: 'a length of time is written with its unit, for example `30s`, `500ms` or `5m`' })
  .regex(DURATION, 'a length of time is written with its unit, for example `30s`, `500ms` or `5m`')
  .transform((text) => amountOf(text, DURATION, MILLISECONDS))

/** A length of time that is more than none. */
export const positiveDuration = duration.refine((milliseconds) => milliseconds > 0, 'it must be longer than 0')

/** An amount of memory as people write it: `512MB` is 512 million bytes, `512MiB` is 512 × 1024 × 1024. */
export const size = z
  .string({ error: 'an amount of memory is written with its unit, for example `512MB` or `1GiB`' })
  .regex(SIZE, 'an amount of memory is written with its unit, for example `512MB` or `1GiB`')
  .transform((text) => amountOf(text, SIZE, BYTES))
  .refine((bytes) => bytes > 0, 'it must be more than 0')

function amountOf(text: string, form: RegExp, units: Readonly<Record<string, number>>): number {
  const [, amount = '0', unit = ''] = form.exec(text) ?? []
  return Math.round(Number(amount) * (units[unit] ?? 0))
}
