import { end } from '../outcome.ts'

/** The value of an option that takes a whole number from 1; undefined where it was not given. */
export function wholeNumber(text: string | undefined, option: string, command: string): number | undefined {
  if (text === undefined) return undefined
  if (!/^[1-9]\d{0,14}$/.test(text)) end('USAGE', { reason: `${option} takes a whole number from 1, not ${text}`, command })
  return Number(text)
}
