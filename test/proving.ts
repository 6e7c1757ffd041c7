/**
 * `npm test` runs small counts, `npm run prove` long ones; both from a seed that is printed, so that a failure can be had again.
 */
import { randomInt } from 'node:crypto'

/** Whether this is `npm run prove`. */
export const proving = process.env['HEADGATE_PROVE'] === '1'

/** Whether what the tests compare with is to be rewritten: `npm run accept`. */
export const accepting = process.env['HEADGATE_ACCEPT'] === '1'

/** The seed of every random choice. `npm test` sets and prints it; a file run by itself makes its own. */
export const seed = Number(process.env['HEADGATE_SEED'] ?? randomInt(2 ** 31))

/** How often to do something: `short` in `npm test`, `long` in `npm run prove`. */
export function times({ short, long }: { readonly short: number; readonly long: number }): number {
  return proving ? long : short
}
