import type { CommandSpec } from './command.ts'

/**
 * Every way of asking for help as the one the parser knows: `help env get`, `env help get` and `env get --help` are all
 * `env get --help`. Of a name that there is not, nothing but the name is left, so that it is that which is complained of. Other words
 * come back as they are.
 */
export function helpAsked(words: readonly string[], registry: readonly CommandSpec[]): readonly string[] {
  const leading = leadingWords(words)
  const leads = (name: readonly string[]): boolean => registry.some((spec) => `${spec.name} `.startsWith(`${name.join(' ')} `))
  const calls = (name: readonly string[]): boolean => registry.some((spec) => spec.name === name.join(' '))
  const at = leading.indexOf('help')
  const byWord = at === 0 || (at > 0 && leads(leading.slice(0, at)) && !calls(leading.slice(0, at)))
  if (!byWord && !(leading.length > 0 && asksByOption(words))) return words
  const asked = leading.filter((word, i) => !byWord || i < at || word !== 'help')
  let topic = asked
  while (topic.length > 0 && !leads(topic)) topic = topic.slice(0, -1)
  return topic.length === asked.length || calls(topic) ? [...topic, '--help'] : asked
}

function leadingWords(words: readonly string[]): readonly string[] {
  const end = words.findIndex((word) => word.startsWith('-'))
  return end < 0 ? words : words.slice(0, end)
}

/** Behind `--` stands somebody else's command line, and its `--help` is its own. */
function asksByOption(words: readonly string[]): boolean {
  const dashes = words.indexOf('--')
  const own = dashes < 0 ? words : words.slice(0, dashes)
  return own.includes('--help') || own.includes('-h')
}
