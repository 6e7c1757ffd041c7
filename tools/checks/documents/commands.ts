/** The commands that documents tell a reader to type exist, with the options they show. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Finding } from '../finding.ts'

/** What of a command is needed to know whether a line calls it rightly. */
export interface KnownCommand {
  readonly name: string
  readonly options?: readonly { readonly flags: string }[]
}

/** Options every command takes. */
const everywhere = new Set(['--json', '--url', '--help', '--version', '-h', '-V'])

export function findUnknownCommands(repository: string, documents: readonly string[], commands: readonly KnownCommand[]): Finding[] {
  const { scripts = {} } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as { scripts?: Record<string, string> }
  return documents.flatMap((path) =>
    commandLines(readFileSync(join(repository, path), 'utf8')).flatMap(({ words, line }) => {
      const trouble = words[0] === 'npm' ? troubleWithScript(words, scripts) : troubleWithCommand(words.slice(1), commands)
      return trouble === undefined ? [] : [{ place: `${path}:${line}`, message: `\`${words.join(' ')}\`: ${trouble}` }]
    }),
  )
}

/** Lines of shell blocks and inline code that begin with `npm` or `headgate`, also behind `npx` and a prompt. */
export function commandLines(text: string): { words: string[]; line: number }[] {
  const found: { words: string[]; line: number }[] = []
  let block: string | undefined
  for (const [index, raw] of text.split('\n').entries()) {
    const fence = /^\s*```(\w*)/.exec(raw)
    if (fence) block = block === undefined ? (fence[1] ?? '') : undefined
    else if (block === undefined) for (const [, code = ''] of raw.matchAll(/`([^`]+)`/g)) add(code, index)
    else if (/^(?:sh|bash|console|)$/.test(block)) add(raw, index)
  }
  return found

  function add(code: string, index: number): void {
    const called = /^\s*(?:\$ )?(?:npx )?((?:npm|headgate)(?: .*)?)$/.exec(code)?.[1]
    if (called === undefined) return
    const words = (called.split(/ (?:--(?= )|#|\||>|<|&&)/)[0] ?? '').split(/\s+/).filter((word) => word !== '')
    found.push({ words, line: index + 1 })
  }
}

const npmItself = new Set(['ci', 'install', 'run', 'pack', 'exec', '--version'])

function troubleWithScript([, verb = '', name = '']: readonly string[], scripts: Readonly<Record<string, string>>): string | undefined {
  if (verb === 'run') return isPlace(name) || name in scripts ? undefined : `package.json has no script ${name}`
  return verb === '' || npmItself.has(verb) || verb in scripts ? undefined : `npm has no ${verb}, and package.json no such script`
}

function troubleWithCommand(words: readonly string[], commands: readonly KnownCommand[]): string | undefined {
  const [first] = words
  if (first === undefined || first.startsWith('-') || isPlace(first) || first === 'help' || first === 'completion') return undefined
  const command = commands
    .toSorted((a, b) => b.name.length - a.name.length)
    .find(({ name }) => name.split(' ').every((word, index) => words[index] === word))
  const isNoun = words.length === 1 && commands.some(({ name }) => name.startsWith(`${first} `))
  if (command === undefined) return isNoun || isPlace(words[1] ?? '') ? undefined : 'there is no such command'
  const known = new Set((command.options ?? []).flatMap(({ flags }) => flags.match(/--?[a-z][a-z-]*/gi) ?? []))
  const unknown = words.filter((word) => /^--?[a-z]/i.test(word)).map((word) => word.split('=')[0] ?? '')
  const wrong = unknown.find((flag) => !known.has(flag) && !everywhere.has(flag))
  return wrong === undefined ? undefined : `${command.name} has no option ${wrong}`
}

/** Words in capitals, brackets or an ellipsis stand for something else. */
function isPlace(word: string): boolean {
  return /^[A-Z]+$|^[<[{…]|^\.\.\./.test(word)
}
