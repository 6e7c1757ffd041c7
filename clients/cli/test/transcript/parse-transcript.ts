/**
 * A terminal session as a text:
 *
 *     # what this shows
 *     @ .env                      a file, its lines indented by two spaces
 *       PORT=3000
 *     $ headgate migrate plan     a command; NAME=value before it sets variables, quotes work as in a shell
 *     ~ terminal                  standard input is a terminal, and what `<` gives is typed
 *     < yes                       a line of standard input
 *     | what standard output says
 *     ! what standard error says
 *     = 1                         the exit code, where it is not 0
 */
export interface FileBlock {
  readonly kind: 'file'
  readonly name: string
  readonly content: string
}

export interface CommandBlock {
  readonly kind: 'command'
  readonly line: string
  readonly terminal: boolean
  readonly input: readonly string[]
  /** The lines of the expectation as they stand: `|`, `!` and `=`. */
  readonly expected: readonly string[]
}

export interface ProseBlock {
  readonly kind: 'prose'
  readonly line: string
}

export type Block = FileBlock | CommandBlock | ProseBlock

export function parseTranscript(text: string): Block[] {
  const blocks: Block[] = []
  const lines = text.replace(/\n$/, '').split('\n')
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? ''
    const rest = (matches: (next: string) => boolean): string[] => {
      const taken: string[] = []
      while (i + 1 < lines.length && matches(lines[i + 1] ?? '')) taken.push(lines[++i] ?? '')
      return taken
    }
    if (line.startsWith('@ ')) {
      const content = rest((next) => next.startsWith('  ')).map((each) => `${each.slice(2)}\n`)
      blocks.push({ kind: 'file', name: line.slice(2), content: content.join('') })
    } else if (line.startsWith('$ ')) {
      blocks.push(
        commandBlock(
          line.slice(2),
          rest((next) => /^[~<|!=]/.test(next)),
        ),
      )
    } else blocks.push({ kind: 'prose', line })
  }
  return blocks
}

function commandBlock(line: string, rest: readonly string[]): CommandBlock {
  return {
    kind: 'command',
    line,
    terminal: rest.includes('~ terminal'),
    input: rest.filter((each) => each.startsWith('<')).map((each) => each.slice(2)),
    expected: rest.filter((each) => /^[|!=]/.test(each)),
  }
}

/** The text of blocks; what was run last stands as the expectation. */
export function renderTranscript(blocks: readonly Block[]): string {
  return `${blocks.map(renderBlock).join('\n')}\n`
}

function renderBlock(block: Block): string {
  if (block.kind === 'prose') return block.line
  if (block.kind === 'file')
    return [
      `@ ${block.name}`,
      ...block.content
        .replace(/\n$/, '')
        .split('\n')
        .map((line) => `  ${line}`),
    ].join('\n')
  const { line, terminal, input, expected } = block
  return [`$ ${line}`, ...(terminal ? ['~ terminal'] : []), ...input.map((each) => `< ${each}`), ...expected].join('\n')
}

/** Takes a command line apart: words, with single and double quotes and backslashes as a shell has them. */
export function shellWords(line: string): string[] {
  const words: string[] = []
  const pattern = /\s*((?:'[^']*'|"(?:[^"\\]|\\.)*"|\\.|[^\s'"\\])+)/gy
  for (let match = pattern.exec(line); match; match = pattern.exec(line)) {
    words.push(
      (match[1] ?? '').replace(
        /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/g,
        (_, single, double, escaped) => single ?? double?.replace(/\\(.)/g, '$1') ?? escaped,
      ),
    )
  }
  return words
}
