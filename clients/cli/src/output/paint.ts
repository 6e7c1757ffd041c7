/** Colour for people's eyes; every function gives its text back unchanged where colour is not wanted. */
export interface Paint {
  bold(text: string): string
  dim(text: string): string
  red(text: string): string
  green(text: string): string
  yellow(text: string): string
  cyan(text: string): string
}

const codes = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39], yellow: [33, 39], cyan: [36, 39] } as const

type Environment = Readonly<Record<string, string | undefined>>

/** Colour is for terminals, unless NO_COLOR asks for none (no-color.org) or the terminal has none. */
export function wantsColour(stream: { readonly isTTY?: boolean }, env: Environment): boolean {
  return stream.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb'
}

export function paintOf(stream: { readonly isTTY?: boolean }, env: Environment): Paint {
  const wanted = wantsColour(stream, env)
  const one = (name: keyof typeof codes) => (text: string) =>
    wanted && text !== '' ? `\u001b[${codes[name][0]}m${text}\u001b[${codes[name][1]}m` : text
  return { bold: one('bold'), dim: one('dim'), red: one('red'), green: one('green'), yellow: one('yellow'), cyan: one('cyan') }
}
