const FIRST_MS = 250
const LONGEST_MS = 60_000

/**
 * How long to wait before the next try: doubling from 250 ms to 60 s, the upper half of it random, so that a thousand
 * clients of a plane that restarts do not come back in the same moment.
 *
 * @param failures how many tries in a row failed, from 1
 * @param random from 0 up to 1
 */
export function backOff(failures: number, random: number): number {
  const whole = Math.min(FIRST_MS * 2 ** Math.min(failures - 1, 20), LONGEST_MS)
  return Math.round(whole / 2 + (whole / 2) * random)
}
