/** Bounds that keep every evaluation in bounded time and memory. Each is named by the diagnostic that reports it. */

/** Characters of one text that is put together: by an interpolation, a join, an encoding. */
export const TEXT_LIMIT = 4 * 1024 * 1024

/** Values inside one value, itself included, as it would be written out. */
export const SIZE_LIMIT = 1_000_000
