import fc from 'fast-check'

/** Pieces that `.env` files are made of, the awkward ones above all. */
export const PIECES: readonly string[] = [
  ...['A', 'B_1', 'ab.c-d', 'export ', 'export', '=', ' = ', '=', ':', ': ', '\n', '\n', '\n', '\r\n', '\r'],
  ...['"', '"', "'", "'", '`', '\\', '\\n', '\\r', '\\"', "\\'", '\\`', '\\\\', '#', ' # ', ' ', '\t', '\u{b}', '\u{a0}'],
  ...['$', '${A}', '$A', '$(x)', '\u{2028}', '\u{2029}', '\u{feff}', '\0', 'é', '😀', '-', '.', 'value', '{"k":"v"}', '__proto__'],
]

/** Texts that a reader of `.env` files may meet. */
export const dotenvText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...PIECES) }, { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 3 }) }),
    {
      maxLength: 40,
    },
  )
  .map((pieces) => pieces.join(''))
