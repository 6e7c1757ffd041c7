import type { CommandSpec } from './command.ts'

/**
 * Takes apart what is ours and what is the command line of another program, at the first `--` of a command that takes
 * one. Done before parsing, so nothing of the other program's options is ever looked at.
 */
export function splitTrailing(
  words: readonly string[],
  registry: readonly CommandSpec[],
): { own: readonly string[]; trailing: readonly string[] | undefined } {
  const dashes = words.indexOf('--')
  if (dashes < 0) return { own: words, trailing: undefined }
  const before = words.slice(0, dashes)
  const takes = registry.some((spec) => spec.trailing !== undefined && before.includes(spec.name))
  return takes ? { own: before, trailing: words.slice(dashes + 1) } : { own: words, trailing: undefined }
}
