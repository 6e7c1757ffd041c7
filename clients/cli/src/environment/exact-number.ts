/**
 * Whether a value is a number that JavaScript cannot hold, kept digit by digit as `exactNumbers` asks: an object that
 * `JSON.stringify` writes as it came. TypeScript's library does not know these yet.
 */
export function isExactNumber(value: unknown): boolean {
  return (JSON as unknown as { isRawJSON(value: unknown): boolean }).isRawJSON(value)
}

/** A number by its text; as such an object where JavaScript cannot hold it. */
export function exactNumber(text: string): number {
  const number = Number(text)
  return String(number) === text ? number : (JSON as unknown as { rawJSON(text: string): number }).rawJSON(text)
}
