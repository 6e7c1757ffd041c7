/** Texts that are prepared under a name. The program has fewer; lists of ids make more, which are sent as they are. */
const LIMIT = 400
/** Longer texts are lists, which hardly come a second time. */
const LONGEST = 2_000

/** Names statements by their text, so that the server parses and plans each once per connection. */
export function statementNames(): (text: string) => { text: string; name?: string } {
  const names = new Map<string, string>()
  return (text) => {
    if (text.length > LONGEST) return { text }
    let name = names.get(text)
    if (name === undefined) {
      if (names.size >= LIMIT) return { text }
      names.set(text, (name = `headgate_${names.size}`))
    }
    return { text, name }
  }
}
