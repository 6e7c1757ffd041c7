import { canonicalWords } from './canonical-words.ts'
import type { ArgumentSpec, CommandSpec, OptionSpec } from './command.ts'
import { connect } from './plane/connection.ts'
import type { World } from './world.ts'

/** What a shell puts in for files itself: it knows its quoting and hidden files better. */
const FILES = '__files'
/** Somebody waits with a finger on the key: a plane slower than this is no help. */
const ANSWER_WITHIN_MS = 700

/** What every command takes, and a value with it. */
const addressOption: OptionSpec = { flags: '--url <url>', summary: 'the plane' }

/**
 * What may stand in the place of the last word, in full; `__files` where it is a file. The last word is what is typed
 * so far, perhaps nothing.
 */
export async function completions(words: readonly string[], registry: readonly CommandSpec[], world: World): Promise<string[]> {
  const { before, typed, option } = takenApart(canonicalWords(words, registry))
  if (before.includes('--')) return [FILES]
  if (before[0] === 'help') return commandWords(registry, before.slice(1)).filter((word) => word.startsWith(typed))
  const spec = registry.find(({ name }) => isCalled(name, before))
  const offers = spec
    ? await inside(spec, before, typed, world)
    : [...commandWords(registry, before), ...(before.length === 0 ? ['help'] : [])]
  if (offers.includes(FILES)) return [FILES]
  const fitting = offers.filter((offer) => offer.startsWith(typed)).toSorted()
  return fitting.map((offer) => option + offer)
}

/**
 * `--option=value` as `--option value`. Bash hands the parts and the sign over as words of their own and puts in the value alone;
 * the others hand over one word, which is put in as a whole.
 */
function takenApart(words: readonly string[]): { before: string[]; typed: string; option: string } {
  const last = words.at(-1) ?? ''
  const before = words.slice(0, -1).filter((word) => word !== '=')
  const [, name, value = ''] = /^(--[\w-]+)=(.*)$/s.exec(last) ?? []
  if (name !== undefined) return { before: [...before, name], typed: value, option: `${name}=` }
  return { before, typed: last === '=' ? '' : last, option: '' }
}

function isCalled(name: string, words: readonly string[]): boolean {
  const called = name.split(' ')
  return called.every((word, i) => words[i] === word)
}

function commandWords(registry: readonly CommandSpec[], before: readonly string[]): string[] {
  const next = registry.map(({ name }) => name.split(' ')).filter((name) => before.every((word, i) => name[i] === word))
  return [...new Set(next.flatMap((name) => name[before.length] ?? []))]
}

async function inside(spec: CommandSpec, before: readonly string[], typed: string, world: World): Promise<string[]> {
  const option = optionNamed(spec, before.at(-1) ?? '')
  if (option && takesValue(option)) return valuesOf(option, world)
  if (typed.startsWith('-')) return [...(spec.options ?? []).map(longName), '--json', '--url', '--help', ...(spec.trailing ? ['--'] : [])]
  const argument = argumentAt(spec, before)
  if (argument?.completes === 'file') return [FILES]
  if (argument?.completes === 'environment') return environments(world)
  return argument?.completes ? [...argument.completes] : []
}

async function valuesOf({ choices, completes }: OptionSpec, world: World): Promise<string[]> {
  if (completes === 'environment') return environments(world)
  return completes === 'file' ? [FILES] : [...(choices ?? [])]
}

function argumentAt(spec: CommandSpec, before: readonly string[]): ArgumentSpec | undefined {
  const given = before.slice(spec.name.split(' ').length)
  const positional = given.filter((word, i) => {
    const option = optionNamed(spec, given[i - 1] ?? '')
    return !word.startsWith('-') && !(option && takesValue(option))
  })
  const list = spec.arguments ?? []
  return list[positional.length] ?? (list.at(-1)?.many ? list.at(-1) : undefined)
}

function optionNamed(spec: CommandSpec, word: string): OptionSpec | undefined {
  return [...(spec.options ?? []), addressOption].find((option) => option.flags.split(/[ ,]+/).includes(word) && word.startsWith('-'))
}

function takesValue({ flags }: OptionSpec): boolean {
  return flags.includes('<')
}

function longName({ flags }: OptionSpec): string {
  return /--[\w-]+/.exec(flags)?.[0] ?? flags
}

/** Without a plane or a token there is nothing to offer, and nothing to say about it in the middle of a line. */
async function environments(world: World): Promise<string[]> {
  try {
    const { client } = await connect(world, undefined)
    const answer = await client.call('listEnvironments', {}, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) })
    return answer.ok ? answer.value.environments.map(({ project, environment }) => `${project}/${environment}`) : []
  } catch {
    return []
  }
}
