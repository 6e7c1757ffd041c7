import { isBlank, isBreak, isBreakOrEnd } from './characters.ts'
import type { Scanner } from './scanner.ts'
import type { Mark } from './token.ts'

/** How far behind a token or another comment a comment may begin. */
const COMMENT_REACH = 512

/** Takes the comment behind a token. Tabs before it are allowed, even where they are not before another token. */
export function skipLineComment(scanner: Scanner): void {
  let before = scanner.index - 1
  while (before >= 0 && isBlank(scanner.text.charCodeAt(before))) before--
  if (before >= 0 && isBreak(scanner.text.charCodeAt(before))) return
  let ahead = 0
  while (ahead < COMMENT_REACH && isBlank(scanner.at(ahead))) ahead++
  if (ahead === COMMENT_REACH || scanner.at(ahead) !== 35) return
  scanner.index += ahead
  while (!isBreakOrEnd(scanner.at())) scanner.advance()
}

/** Takes comments that follow each other, with empty lines between them: only the first one must not be behind a tab. */
export function skipComments(scanner: Scanner): void {
  for (let ahead = 0; ahead < COMMENT_REACH; ahead++) {
    const code = scanner.at(ahead)
    if (isBlank(code) || code === 10 || code === 13) continue
    if (code !== 35) return
    for (const target = scanner.index + ahead; scanner.index < target;) {
      if (isBreak(scanner.at())) scanner.takeBreak()
      else scanner.index++
    }
    scanner.comments.push(scanner.mark())
    while (!isBreakOrEnd(scanner.at())) scanner.advance()
    // Only the line breaks of ASCII are looked past.
    if (scanner.at() > 127) return
    ahead = 0
  }
}

/**
 * Where a block ends that stands that far in: where the one inside it does, but a comment as far in as the block is taken
 * for its last line, by the place behind the comment's sign.
 */
export function blockEnd(comments: readonly Mark[], indent: number, inner: Mark): Mark {
  const comment = comments.find(({ column }) => column === indent)
  return comment ? { ...comment, column: indent + 1 } : inner
}
