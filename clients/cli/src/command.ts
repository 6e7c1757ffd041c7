import type { Connection } from './plane/connection.ts'
import type { ExitCode } from './exit-code.ts'
import type { Output } from './output/output.ts'
import type { World } from './world.ts'

/** A word that stands behind the command. */
export interface ArgumentSpec {
  readonly name: string
  readonly summary: string
  readonly required?: boolean
  /** Takes all that follow. */
  readonly many?: boolean
  /** Nothing between quotes is a value too. Otherwise it is what a variable of a script that is not set leaves, and refused. */
  readonly mayBeEmpty?: boolean
  /** What completion offers for it. */
  readonly completes?: 'environment' | 'file' | readonly string[]
}

export interface OptionSpec {
  /** As commander writes it: `--port <number>`, `--yes`, `-o, --output <file>`. */
  readonly flags: string
  readonly summary: string
  readonly choices?: readonly string[]
  /** May be given several times. */
  readonly many?: boolean
  readonly completes?: 'environment' | 'file'
}

export interface Example {
  readonly command: string
  readonly says: string
}

/** One command as data: all that help and completion need, and where its code is. */
export interface CommandSpec {
  /** The words that call it, for example `env get`. */
  readonly name: string
  readonly summary: string
  /** What a user must know beyond the summary; paragraphs. */
  readonly description?: readonly string[]
  readonly arguments?: readonly ArgumentSpec[]
  readonly options?: readonly OptionSpec[]
  readonly examples: readonly Example[]
  /** Behind `--` stands somebody else's command line, called this in the help. */
  readonly trailing?: string
  /** Daily commands stand first in the help. */
  readonly daily?: true
  readonly load: () => Promise<CommandModule>
}

export interface CommandModule {
  run(context: CommandContext): Promise<ExitCode | void>
}

/** What was written behind the command, checked against its spec. */
export interface Invocation {
  /** A positional word, or undefined where it was left out. */
  argument(name: string): string | undefined
  /** The words of an argument that takes many. */
  words(name: string): readonly string[]
  /** The value of an option that takes one. */
  option(name: string): string | undefined
  /** The values of an option that may be repeated. */
  options(name: string): readonly string[]
  flag(name: string): boolean
  /** What stands behind `--` where the command takes another command line. */
  readonly trailing: readonly string[] | undefined
}

export interface CommandContext {
  readonly spec: CommandSpec
  readonly world: World
  readonly output: Output
  readonly invocation: Invocation
  /** What --url says. */
  readonly url: string | undefined
  /** The plane the command speaks to; asked for where one is needed, as it may read credentials. */
  connect(): Promise<Connection>
}
