import type { Diagnostic } from '@headgate/model'
import { type Environment, type Host, type Json, NumberText, type Options, check, load, open, rotate, toPlain, quote } from '@headgate/lang'
import { testLookup, turnBytes } from '../../../test/conformance/lang/providers.ts'

/** Texts of environments by name. */
export type Texts = Readonly<Record<string, string>>

/** A host of the suite's providers whose imports are the given texts. */
export function hostOf(texts: Texts = {}, host: Partial<Host> = {}): Host {
  const crypter = { decrypt: async (payload: Uint8Array) => turnBytes(payload) }
  return {
    imports: {
      load: async (name) =>
        Object.hasOwn(texts, name) ? { source: texts[name] as string, crypter } : { failure: `environment ${quote(name)} not found` },
    },
    providers: testLookup,
    crypter,
    ...host,
  }
}

export interface Outcome {
  readonly environment: Environment | undefined
  readonly diagnostics: readonly Diagnostic[]
  /** `error path: message`, or `warning …`, in the order of display; those of loading first. */
  readonly messages: readonly string[]
  /** Values as plain JavaScript, secrets revealed. */
  readonly values: unknown
  readonly redacted: unknown
}

/** Evaluates a text in one mode. */
export async function evaluateText(
  text: string,
  options: {
    readonly mode?: 'check' | 'open' | 'rotate'
    readonly texts?: Texts
    readonly host?: Partial<Host>
    readonly options?: Options
    readonly name?: string
  } = {},
): Promise<Outcome> {
  const loaded = load(options.name ?? 'env', text)
  const host = hostOf(options.texts, options.host)
  const run = { check, open, rotate: (...[document, , more]: Parameters<typeof open>) => rotate(document, host, [], more) }[
    options.mode ?? 'open'
  ]
  const result = loaded.document ? await run(loaded.document, host, options.options) : { diagnostics: [] as readonly Diagnostic[] }
  const environment = 'environment' in result ? result.environment : undefined
  const diagnostics = [...loaded.diagnostics, ...result.diagnostics]
  return {
    environment,
    diagnostics,
    messages: diagnostics.map(({ severity, path, message }) => `${severity} ${path ?? ''}: ${message}`),
    values: environment && plain(toPlain(environment, { redact: false })),
    redacted: environment && plain(toPlain(environment, { redact: true })),
  }
}

/** The language's JSON as plain JavaScript; numbers too long for one stay text. */
export function plain(json: Json): unknown {
  if (json instanceof NumberText) return String(Number(json.text)) === json.text ? Number(json.text) : json.text
  if (Array.isArray(json)) return json.map((element: Json) => plain(element))
  if (json instanceof Map) return Object.fromEntries([...(json as ReadonlyMap<string, Json>)].map(([key, value]) => [key, plain(value)]))
  return json
}
