import { SourceFault } from './outside-source.ts'

/** JSON as plain data. Integers that a number cannot hold exactly become bigint, so that no digit is lost. */
export function parseAnswer(text: string, from: string): unknown {
  try {
    // The third argument is in Node 24 and not yet in TypeScript's library.
    return JSON.parse(text, ((_key: string, value: unknown, { source }: { source?: string }) =>
      typeof value === 'number' && source !== undefined && !Number.isSafeInteger(value) && /^-?\d+$/.test(source)
        ? BigInt(source)
        : value) as (key: string, value: unknown) => unknown)
  } catch {
    // The parser's own message quotes the text.
    throw new SourceFault(`${from} answered with something that is not JSON`, { passing: true })
  }
}

/** An entry of an object; undefined for anything else. */
export function at(data: unknown, ...path: readonly string[]): unknown {
  let value = data
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Record<string, unknown>)[key]
  }
  return value
}
