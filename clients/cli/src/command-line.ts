import { HeadgateError, type Problem, problemOf } from '@headgate/model'
import { Command, CommanderError, Option } from 'commander'
import { canonicalWords } from './canonical-words.ts'
import type { CommandContext, CommandSpec, Invocation, OptionSpec } from './command.ts'
import { type ExitCode, exitCodeOf, exitCodes } from './exit-code.ts'
import { helpAsked } from './help-asked.ts'
import { renderCommandHelp, renderTopHelp } from './help.ts'
import { Interrupted } from './input/interrupted.ts'
import { type Output, createOutput } from './output/output.ts'
import { paintOf } from './output/paint.ts'
import { CommandEnded, end } from './outcome.ts'
import { connect } from './plane/connection.ts'
import { nouns, registry } from './registry/index.ts'
import { splitTrailing } from './trailing.ts'
import { VERSION } from './version.ts'
import type { World } from './world.ts'

/**
 * Runs one command line and returns its exit code. Nothing is thrown: whatever goes wrong is said on standard error.
 *
 * @param words the command line behind `headgate`
 */
export async function runCommandLine(words: readonly string[], world: World): Promise<ExitCode> {
  const output = createOutput(world, { json: words.includes('--json') && !behindDashes(words, '--json') })
  const asked = asMeant(words)
  try {
    if (words[0] === '__complete') return await complete(words.slice(1), world)
    // Only as the first word: behind a command it is that command's own, as in `deploy --version v1`.
    if (words[0] === '--version' || words[0] === '-V') return sayVersion(world)
    return await dispatch(asked, world, output)
  } catch (error) {
    return conclude(error, output, world, asked)
  }
}

/** The words as the parser knows them; what is said for all commands may stand before the command. */
function asMeant(words: readonly string[]): readonly string[] {
  let start = 0
  while (words[start]?.startsWith('-')) start += words[start] === '--url' ? 2 : 1
  return [...words.slice(0, start), ...helpAsked(canonicalWords(words.slice(start), registry), registry)]
}

function sayVersion({ stdout }: World): ExitCode {
  stdout.write(`${VERSION}\n`)
  return exitCodes.ok
}

/** Parses, then runs: the command that was meant is loaded only once its words are understood. */
async function dispatch(words: readonly string[], world: World, output: Output): Promise<ExitCode> {
  const { own, trailing } = splitTrailing(words, registry)
  const called: { command?: { spec: CommandSpec; invocation: Invocation; url: string | undefined } } = {}
  const program = buildProgram(world, meantSpecs(own), (spec, parsed, positional) => {
    called.command = { spec, invocation: invocationOf(spec, parsed, positional, trailing), url: program.opts<{ url?: string }>().url }
  })
  program.parse([...own], { from: 'user' })
  if (!called.command) return exitCodes.usage
  const { spec, invocation, url } = called.command
  refuseEmpty(spec, invocation)
  const module = await spec.load()
  const context: CommandContext = { spec, world, output, invocation, url, connect: () => connect(world, url, spec.name) }
  return (await module.run(context)) ?? exitCodes.ok
}

type Called = (spec: CommandSpec, command: Command, positional: readonly unknown[]) => void

/** The one command whose name the words begin with, so that the sixty others need not be built; all of them where that is not plain. */
function meantSpecs([first = '', second = '', third = '']: readonly string[]): readonly CommandSpec[] {
  const meant = registry.filter(({ name }) => [first, `${first} ${second}`, `${first} ${second} ${third}`].includes(name))
  return meant.length === 1 ? meant : registry
}

function buildProgram(world: World, specs: readonly CommandSpec[], called: Called): Command {
  const paint = paintOf(world.stdout, world.env)
  const program = quiet(new Command('headgate'), world)
  program.option('--json', 'answer with one JSON document')
  program.option('--url <url>', 'the plane; default: HEADGATE_URL, or the one signed in to last')
  program.helpInformation = () => renderTopHelp(registry, nouns, paint)
  const groups = new Map<string, Command>()
  for (const spec of specs) {
    const words = spec.name.split(' ')
    const last = words.pop() ?? ''
    let parent = program
    for (const [i, word] of words.entries()) {
      const noun = words.slice(0, i + 1).join(' ')
      parent = groups.get(noun) ?? addGroup(parent, groups, noun, word, world)
    }
    addCommand(parent, last, spec, world, called)
  }
  return program
}

/** @param noun all the words that lead to the group, and `word` the last of them */
function addGroup(parent: Command, groups: Map<string, Command>, noun: string, word: string, world: World): Command {
  const group = quiet(parent.command(word), world)
  const members = registry.filter((spec) => spec.name.startsWith(`${noun} `))
  group.helpInformation = () => renderTopHelp(members, nouns, paintOf(world.stdout, world.env), noun)
  groups.set(noun, group)
  return group
}

function addCommand(parent: Command, word: string, spec: CommandSpec, world: World, called: Called): void {
  const command = quiet(parent.command(word), world)
  command.helpInformation = () => renderCommandHelp(spec, paintOf(world.stdout, world.env))
  for (const argument of spec.arguments ?? []) {
    const name = argument.many ? `${argument.name}...` : argument.name
    command.argument(argument.required ? `<${name}>` : `[${name}]`, argument.summary)
  }
  for (const option of spec.options ?? []) command.addOption(optionOf(option))
  command.action((...positional: unknown[]) => called(spec, command, positional.slice(0, -2)))
}

function optionOf(spec: OptionSpec): Option {
  const option = new Option(spec.flags, spec.summary)
  if (spec.choices) option.choices([...spec.choices])
  // Commander checks choices in this very function, so what takes many has each of them go through it.
  const checked = option.parseArg as ((value: string, before: undefined) => string) | undefined
  if (spec.many) {
    option.argParser((value: string, before: string[] | undefined) => [...(before ?? []), checked ? checked(value, undefined) : value])
  }
  return option
}

/** Commander neither prints errors nor exits: both are done in one place here. Help it prints, where it was asked for or is due. */
function quiet(command: Command, world: World): Command {
  return command
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void world.stdout.write(text),
      writeErr: (text) => void world.stderr.write(text),
      outputError: () => {},
    })
    .helpOption('-h, --help', 'this help')
    .helpCommand(false)
}

/** Somebody's `"$NAME"` of which nothing is left is never taken for a word that was left out, or for the whole of something. */
function refuseEmpty({ name, arguments: words = [], options = [] }: CommandSpec, invocation: Invocation): void {
  const emptyWord = words.find(({ name: word, many, mayBeEmpty }) => {
    if (mayBeEmpty) return false
    return many ? invocation.words(word).includes('') : invocation.argument(word) === ''
  })
  const isEmpty = ({ flags, many }: OptionSpec): boolean => {
    if (!flags.includes('<') || flags.includes('<text>')) return false
    return many ? invocation.options(longName(flags)).includes('') : invocation.option(longName(flags)) === ''
  }
  const empty = emptyWord?.name ?? options.find(isEmpty)?.flags.replace(/^.*(?=--)|\s.*$/g, '')
  if (empty !== undefined) end('USAGE', { reason: `${empty} is empty`, command: name })
}

function longName(flags: string): string {
  return /--([\w-]+)/.exec(flags)?.[1] ?? flags
}

function invocationOf(
  spec: CommandSpec,
  command: Command,
  positional: readonly unknown[],
  trailing: readonly string[] | undefined,
): Invocation {
  const options = command.opts<Record<string, unknown>>()
  const positions = new Map((spec.arguments ?? []).map((argument, i) => [argument.name, positional[i]]))
  const known = new Set(command.options.map((option) => option.attributeName()))
  const valueOf = (name: string): unknown => {
    const attribute = name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
    if (!known.has(attribute)) throw new Error(`${spec.name} has no option --${name}`)
    return options[attribute]
  }
  return {
    argument: (name) => positions.get(name) as string | undefined,
    words: (name) => (positions.get(name) as string[] | undefined) ?? [],
    option: (name) => valueOf(name) as string | undefined,
    options: (name) => (valueOf(name) as string[] | undefined) ?? [],
    flag: (name) => valueOf(name) === true,
    trailing,
  }
}

/** The end of a command that did not reach its own: says what happened, and with which code that ends. */
function conclude(error: unknown, output: Output, world: World, words: readonly string[]): ExitCode {
  if (error instanceof CommanderError) return concludeUsage(error, output, words)
  if (error instanceof CommandEnded) {
    output.problem(withTrustAdvice(error.problem), error.sources)
    return exitCodeOf(error.problem)
  }
  if (error instanceof HeadgateError) {
    output.problem(error.problem)
    return exitCodeOf(error.problem)
  }
  if (error instanceof Interrupted) return 128 + error.number
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'ERR_MODULE_NOT_FOUND') {
    output.problem(problemOf('INSTALLATION_INCOMPLETE', { version: VERSION, reason: (error as Error).message }))
    return exitCodes.bug
  }
  const refused = systemRefusal(error)
  if (refused) {
    output.problem(refused)
    return exitCodeOf(refused)
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  output.problem(problemOf('COMMAND_BROKEN', { version: VERSION }))
  world.stderr.write(`${stack}\n`)
  return exitCodes.bug
}

/** What the system refused of a file is the surroundings' doing: no room, no right to write, a file where a folder should be. */
function systemRefusal(error: unknown): Problem | undefined {
  const { code, syscall, path } = (error ?? {}) as NodeJS.ErrnoException
  if (code === undefined || syscall === undefined || path === undefined || !/^E[A-Z0-9]+$/.test(code)) return undefined
  return problemOf('SYSTEM_REFUSED', { call: syscall, path, reason: code })
}

/** A plane whose certificate nobody vouched for here does answer, so starting one is no advice. */
function withTrustAdvice(problem: Problem): Problem {
  if (problem.code !== 'PLANE_UNREACHABLE' || !/CERT|UNABLE_TO_VERIFY/.test(String(problem.details['reason']))) return problem
  return { ...problem, hint: 'its certificate is not trusted here: NODE_EXTRA_CA_CERTS names a file with it, or with who signed it' }
}

function concludeUsage(error: CommanderError, output: Output, words: readonly string[]): ExitCode {
  // Help and version were asked for, or the help took the place of a command that was left out: both are printed.
  if (error.exitCode === 0) return exitCodes.ok
  const command = meantCommand(words)
  if (error.code === 'commander.help') {
    // Who reads JSON reads no help.
    if (output.json) output.problem(usage(command === '' ? 'no command is named' : `no command is named behind ${command}`, command))
    return exitCodes.usage
  }
  const reason = dashesForgotten(error, command, words) ?? error.message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ')
  output.problem(usage(reason, command))
  return exitCodes.usage
}

function usage(reason: string, command: string): Problem {
  const problem = problemOf('USAGE', { reason, command })
  return command === '' ? { ...problem, hint: 'headgate --help' } : problem
}

/** Where a program is to be started, its words are taken for ours as long as no `--` is before them. */
function dashesForgotten({ code }: CommanderError, command: string, words: readonly string[]): string | undefined {
  const spec = registry.find(({ name }) => name === command)
  if (spec?.trailing === undefined || words.includes('--')) return undefined
  const tooMuch = code === 'commander.excessArguments' || (code === 'commander.unknownOption' && words.filter(isPlain).length > 2)
  return tooMuch ? `the program is put behind --, as in \`headgate ${command} shop/dev -- node app.js\`` : undefined
}

function isPlain(word: string): boolean {
  return !word.startsWith('-')
}

/** The command, or at least the noun, that a command line begins with: whose help is worth reading. */
function meantCommand(words: readonly string[]): string {
  const [first = '', second = '', third = ''] = words.filter((word) => !word.startsWith('-'))
  const called = [`${first} ${second} ${third}`, `${first} ${second}`]
  const meant = called.find((name) => registry.some((spec) => spec.name === name || spec.name.startsWith(`${name} `)))
  if (meant !== undefined) return meant
  return first in nouns || registry.some((spec) => spec.name === first) ? first : ''
}

function behindDashes(words: readonly string[], word: string): boolean {
  const dashes = words.indexOf('--')
  return dashes >= 0 && words.indexOf(word) > dashes
}

async function complete(words: readonly string[], world: World): Promise<ExitCode> {
  const { completions } = await import('./completions.ts')
  for (const candidate of await completions(words, registry, world)) world.stdout.write(`${candidate}\n`)
  return exitCodes.ok
}
