import { recordsOf, flagOf, textOf } from '../input-values.ts'
import { type OutsideSource, SourceFault } from '../outside-source.ts'
import { flag, mapOf, record, text } from '../schemas.ts'
import type { Surroundings } from '../surroundings.ts'

/** Variables of Headgate itself, its root key among them: never given out, whatever the operator lists. */
const OWN = /^(HEADGATE|PULUMI|ESC)_/i

/** `env`: variables of the plane's own process, of those the operator lists and no others. */
export function env({ variables, processVariables }: Surroundings): OutsideSource {
  const allowed = variables.map((glob) => new RegExp(`^${glob.split('*').map(escape).join('.*')}$`))
  return {
    inputs: record({ get: mapOf(record({ variable: text(), secret: flag() }, ['secret'])) }),
    outputs: mapOf(text()),
    async open(given) {
      const value = new Map<string, string>()
      const secrets = new Set<string>()
      for (const [key, wanted] of recordsOf(given, 'get')) {
        const name = textOf(wanted, 'variable') ?? ''
        if (OWN.test(name) || !allowed.some((pattern) => pattern.test(name)))
          throw new SourceFault(
            `this plane's operator does not let environments read the variable ${JSON.stringify(name)} (serve --provider-variable)`,
          )
        const found = processVariables[name]
        if (found === undefined) throw new SourceFault(`the plane's process has no variable ${name}`)
        value.set(key, found)
        if (flagOf(wanted, 'secret') ?? true) secrets.add(key)
      }
      return { value, secret: secrets }
    },
  }
}

function escape(part: string): string {
  return part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')
}
