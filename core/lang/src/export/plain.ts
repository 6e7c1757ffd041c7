import { Environment } from '../environment.ts'
import { plainJson } from '../eval/plain-json.ts'
import type { Json } from '../text/json.ts'

/** An environment's values as plain JSON; unknown ones as `[unknown]`, with `redact` secret ones as `[secret]`. */
export function toPlain(environment: Environment, { redact }: { readonly redact: boolean }): Json {
  return plainJson(Environment.contentsOf(environment).value, redact)
}
