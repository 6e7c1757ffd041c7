import type { JsonObject } from './snapshot.ts'

/** Shorter parts are read again sooner than they are compared. */
const WORTH_COMPARING = 200

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c]
const [OPEN_LIST, CLOSE_LIST, OPEN_MAP, CLOSE_MAP] = [0x5b, 0x5d, 0x7b, 0x7d]

interface Part {
  readonly text: string
  readonly value: unknown
}

/**
 * Reads frames of values one after another. Most of a configuration stays as it is from one change to the next, so what
 * stands below a name at the top of `opened.values` just as it stood in the frame before is not read again: it is the same
 * object, frozen already, and whoever looks for differences sees at once that it has none.
 */
export class RecurringParts {
  #last: ReadonlyMap<string, Part> = new Map()

  /** These are the values at hand: what stands in a frame as it would be written of them is theirs. */
  startWith(values: JsonObject): void {
    const parts = Object.entries(values).map(([name, value]): [string, Part] => [name, { text: JSON.stringify(value), value }])
    this.#last = new Map(parts.filter(([, { text }]) => text.length >= WORTH_COMPARING))
  }

  /**
   * What `JSON.parse` makes of it.
   *
   * @throws SyntaxError where it is no JSON
   */
  parse(text: string): unknown {
    const opened = memberNamed(text, 0, 'opened')
    const values = opened && memberNamed(text, opened, 'values')
    const members = values && membersOf(text, values)
    // Whatever is not as a plane writes it is no concern of this.
    if (!members || members.names.includes('__proto__')) return JSON.parse(text)
    const frame = JSON.parse(`${text.slice(0, values)}{}${text.slice(members.end)}`) as { opened: { values: Record<string, unknown> } }
    const parts = new Map<string, Part>()
    for (const [n, name] of members.names.entries()) {
      const part = this.#partOf(name, text.slice(members.from[n], members.to[n]))
      frame.opened.values[name] = part.value
      if (part.text.length >= WORTH_COMPARING) parts.set(name, part)
    }
    this.#last = parts
    return frame
  }

  #partOf(name: string, text: string): Part {
    const last = this.#last.get(name)
    // The text is this frame's own: a piece of an earlier one would keep all of that one in memory.
    return { text, value: last?.text === text ? last.value : (JSON.parse(text) as unknown) }
  }
}

/** Where the value of a map's member begins; undefined where there is none of that name, or the map is not written without spaces. */
function memberNamed(text: string, map: number, name: string): number | undefined {
  const wanted = `"${name}"`
  if (text.charCodeAt(map) !== OPEN_MAP) return undefined
  for (let at = map + 1; text.charCodeAt(at) === QUOTE; at += 1) {
    const end = endOfText(text, at)
    if (text[end] !== ':') return undefined
    if (end - at === wanted.length && text.startsWith(wanted, at)) return end + 1
    at = endOfValue(text, end + 1)
    if (text.charCodeAt(at) !== COMMA) return undefined
  }
  return undefined
}

interface Members {
  readonly names: string[]
  readonly from: number[]
  readonly to: number[]
  /** Behind the map's closing brace. */
  end: number
}

/** Where the members of a map are; undefined where it is not written without spaces, or not to its end. */
function membersOf(text: string, map: number): Members | undefined {
  const members: Members = { names: [], from: [], to: [], end: map + 2 }
  if (text.charCodeAt(map) !== OPEN_MAP) return undefined
  if (text.charCodeAt(map + 1) === CLOSE_MAP) return members
  for (let at = map + 1; text.charCodeAt(at) === QUOTE; at += 1) {
    const colon = endOfText(text, at)
    if (text[colon] !== ':') return undefined
    members.names.push(JSON.parse(text.slice(at, colon)) as string)
    members.from.push(colon + 1)
    at = endOfValue(text, colon + 1)
    members.to.push(at)
    if (text.charCodeAt(at) === CLOSE_MAP) {
      members.end = at + 1
      return members
    }
    if (text.charCodeAt(at) !== COMMA) return undefined
  }
  return undefined
}

/** Behind the closing quote of the text that begins here; the end of everything where it is not closed. */
function endOfText(text: string, at: number): number {
  for (let end = text.indexOf('"', at + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let escapes = 0
    while (text.charCodeAt(end - 1 - escapes) === BACKSLASH) escapes += 1
    if (escapes % 2 === 0) return end + 1
  }
  return text.length
}

/** Behind the value that begins here; the end of everything where it is not closed. */
function endOfValue(text: string, at: number): number {
  let depth = 0
  for (let end = at; end < text.length; end += 1) {
    const code = text.charCodeAt(end)
    if (code === QUOTE) end = endOfText(text, end) - 1
    else if (code === OPEN_MAP || code === OPEN_LIST) depth += 1
    else if (depth === 0 && (code === COMMA || code === CLOSE_MAP || code === CLOSE_LIST)) return end
    else if (code === CLOSE_MAP || code === CLOSE_LIST) depth -= 1
  }
  return text.length
}
