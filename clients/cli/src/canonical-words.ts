import type { CommandSpec } from './command.ts'

/** `ls` is the word here, as in `esc` and `pulumi`; people with other habits type `list`, and mean it. */
export function canonicalWords(words: readonly string[], registry: readonly CommandSpec[]): readonly string[] {
  const at = words.indexOf('list')
  const group = words.slice(0, at).filter((word, i) => !(word === 'help' && i < 2))
  const isVerb = at > 0 && registry.some(({ name }) => name === `${group.join(' ')} ls`)
  return isVerb ? words.with(at, 'ls') : words
}
