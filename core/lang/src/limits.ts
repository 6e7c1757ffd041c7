/** Bounds that keep every evaluation in bounded time and memory. Each is named by the diagnostic that reports it. */

/** Collections inside collections, references to references, imports of imports: what is walked recursively anywhere. */
export const NESTING_LIMIT = 500

/** Elements of one `imports` list. */
export const IMPORT_LIMIT = 500

/** Characters of one text that is put together: by an interpolation, a join, an encoding. */
export const TEXT_LIMIT = 2 * 1024 * 1024

/**
 * Values inside one value, itself included, as it would be written out, beyond what the documents themselves are long:
 * references can make more of little, but not endlessly. A long text counts as several.
 */
export const GROWTH_LIMIT = 50_000

/**
 * Values all references and functions of an evaluation make together, for each whole evaluation and for each character of
 * the documents: what is made and thrown away again takes time too.
 */
export const TOTAL_LIMIT = 500_000
export const TOTAL_PER_CHARACTER = 4

/** Characters of a text that count as one more value. */
export const TEXT_PART = 64

/** Digits of a number in a schema that values are compared with: a single one may be held against very many. */
export const BOUND_DIGITS = 1000
