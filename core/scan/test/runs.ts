import { seed, times } from '../../../test/proving.ts'

/** How a property is run: `short` times in `npm test` and `long` times in `npm run prove`, from the seed of the run. */
export function runs(short: number, long: number): { readonly numRuns: number; readonly seed: number } {
  return { numRuns: times({ short, long }), seed }
}
