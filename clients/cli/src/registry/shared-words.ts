import type { ArgumentSpec, OptionSpec } from '../command.ts'

/** `[org/]project/env[@version]`, the first word of most commands. */
export function environmentArgument({ required }: { required: boolean }): ArgumentSpec {
  return {
    name: 'environment',
    summary: `[organisation/]project/environment[@revision or tag]${required ? '' : '; default: HEADGATE_ENVIRONMENT'}`,
    required,
    completes: 'environment',
  }
}

export function dataOption(summary: string): OptionSpec {
  return { flags: '--data <folder>', summary, completes: 'file' }
}

export const keyFileOption: OptionSpec = {
  flags: '--key-file <file>',
  summary: "the file with the root key; default: in your configuration folder, named by the data folder's id",
  completes: 'file',
}
