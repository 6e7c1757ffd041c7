/**
 * Whether a text can be a token at all. What cannot stand in a header never gets there: the header's own error would repeat it.
 */
export function isToken(text: string): boolean {
  return /^[\x21-\x7e]{1,512}$/.test(text)
}

/** What is said of a text that cannot. */
export const NO_TOKEN = 'it is empty, or holds characters no token has'
