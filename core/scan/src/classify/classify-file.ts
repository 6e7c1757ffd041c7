import { type DotenvAssignment, type DotenvComment, type DotenvFile, type DotenvItem, dotenvValues } from '../dotenv/dotenv-file.ts'
import type { Classification, ClassifyContext } from './classification.ts'
import { classify } from './classify.ts'

/** Every assignment of a file, classified by its name, its value, and the comments of the file. */
export function classifyFile(file: DotenvFile): Map<DotenvAssignment, Classification> {
  const result = new Map<DotenvAssignment, Classification>()
  for (const [assignment, context] of contextsOf(file)) result.set(assignment, classify(assignment.name, assignment.value, context))
  return result
}

/** What the file says around each of its assignments. */
export function contextsOf(file: DotenvFile): Map<DotenvAssignment, ClassifyContext> {
  const siblings = dotenvValues(file)
  const contexts = new Map<DotenvAssignment, ClassifyContext>()
  let section = ''
  let paragraph = ''
  for (const block of blocksOf(file.items)) {
    if (block.kind === 'blank') paragraph = ''
    if (block.kind === 'comments' && headsSection(block)) {
      section = block.text
      paragraph = ''
    } else if (block.kind === 'comments') {
      paragraph = block.text
    }
    if (block.kind !== 'assignment') continue
    const { assignment } = block
    const heading = [section, assignment.comments.length === 0 ? paragraph : ''].filter((text) => text !== '').join('\n')
    contexts.set(assignment, {
      siblings,
      ...(assignment.comments.length > 0 ? { comment: assignment.comments.join('\n') } : {}),
      ...(assignment.inlineComment ? { inlineComment: assignment.inlineComment } : {}),
      ...(heading === '' ? {} : { section: heading }),
    })
  }
  return contexts
}

type Block =
  | { readonly kind: 'blank' }
  | { readonly kind: 'assignment'; readonly assignment: DotenvAssignment }
  | {
      readonly kind: 'comments'
      readonly text: string
      readonly lines: readonly string[]
      readonly apart: boolean
      readonly first: boolean
    }

/** The file in pieces: runs of comment lines as one, with whether a blank line sets them apart from what follows. */
function blocksOf(items: readonly DotenvItem[]): Block[] {
  const blocks: Block[] = []
  for (let at = 0; at < items.length; at++) {
    const item = items[at]
    if (!item) break
    if (item.kind === 'assignment') blocks.push({ kind: 'assignment', assignment: item })
    else if (item.kind === 'comment') {
      let end = at
      while (items[end + 1]?.kind === 'comment') end++
      const lines = items.slice(at, end + 1).map((comment) => (comment as DotenvComment).text.trim())
      const text = lines
        .map((line) => line.replace(/^[#=\-*~\u{2013}\u{2014}\s]+|[#=\-*~\u{2013}\u{2014}\s]+$/gu, ''))
        .filter((line) => line !== '')
        .join('\n')
      blocks.push({ kind: 'comments', text, lines, apart: items[end + 1]?.kind !== 'assignment', first: at === 0 })
      at = end
    } else if (item.kind === 'blank') blocks.push({ kind: 'blank' })
  }
  return blocks
}

/**
 * Whether a run of comment lines is the heading of a section: a frame, or an empty comment line, says so.
 *
 * Everything up to the next heading belongs to it. Any other comment belongs to the lines directly below it.
 */
function headsSection({ lines, apart, first }: Extract<Block, { kind: 'comments' }>): boolean {
  const framed = lines.some((line) => /^[#=\-*~+_\u{2013}\u{2014}\s]{3,}$/u.test(line) && line !== '')
  const spaced = lines.some((line) => line === '' || line === '#')
  return framed || (spaced && (apart || !first)) || (apart && first)
}
