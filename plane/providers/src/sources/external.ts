import { createHash } from 'node:crypto'
import type { CallContext, ExportedValue, Inputs } from '@headgate/lang'
import { flagOf, jsonOf, textOf } from '../input-values.ts'
import { type OutsideRotator, type OutsideSource, SourceFault } from '../outside-source.ts'
import { parseAnswer } from '../parse-answer.ts'
import { flag, mapOf, record, text } from '../schemas.ts'
import type { Surroundings } from '../surroundings.ts'

/**
 * `external`: values from an adapter of the user's own, asked over HTTPS. Each request is signed: a token of the plane's
 * identity names the adapter's address, the environment and the hash of the body, so it can neither be sent elsewhere
 * nor with another body. Protocol: Pulumi ESC's external provider.
 */
export function external(surroundings: Surroundings): OutsideSource {
  return {
    inputs: record({ url: text(), request: mapOf(true), secret: flag() }, ['request', 'secret']),
    outputs: record({ response: true }),
    async open(given, context) {
      const request = given.has('request') ? jsonOf(given.get('request')) : '{}'
      return { value: { response: await ask(surroundings, given, request, context) }, secret: flagOf(given, 'secret') ?? true }
    },
  }
}

/** `fn::rotate::external`: the adapter makes the new secret from the state it gave before; all of the state is secret. */
export function externalRotator(surroundings: Surroundings): OutsideRotator {
  const state = record({ current: true })
  return {
    inputs: record({ url: text(), request: mapOf(true) }, ['request']),
    state,
    outputs: state,
    async open(_inputs, known) {
      return { value: new Map([['current', known?.get('current') ?? null]]), secret: true }
    },
    async rotate(given, known, context) {
      const current: ExportedValue | undefined = known?.get('current')
      const body = `{"request":${given.has('request') ? jsonOf(given.get('request')) : '{}'},"state":${jsonOf(current)}}`
      return { value: { current: await ask(surroundings, given, body, context, 'once') }, secret: true }
    },
  }
}

async function ask(
  { http, limits, identity, allowsPlainHttp }: Surroundings,
  given: Inputs,
  body: string,
  context: CallContext,
  times: 'again' | 'once' = 'again',
): Promise<unknown> {
  const url = adapterUrl(textOf(given, 'url') ?? '', allowsPlainHttp)
  const token = await identity.token({
    audience: textOf(given, 'url') ?? '',
    context,
    claims: { body_hash: `sha256-${createHash('sha256').update(body).digest('base64')}` },
  })
  const send = async (signal: AbortSignal) => {
    const answer = await http.send({ method: 'POST', url, headers: { authorization: `Bearer ${token}` }, body }, signal)
    if (answer.status === 200) return parseAnswer(answer.text, `the adapter at ${url.origin}`)
    const passing = times === 'again' && (answer.status >= 500 || answer.status === 429)
    throw new SourceFault(`the adapter at ${url.origin} answered ${answer.status}; 200 with JSON is looked for`, { passing })
  }
  return limits.run(url.origin, send, context.signal)
}

function adapterUrl(address: string, allowsPlainHttp: boolean): URL {
  let url: URL
  try {
    url = new URL(address)
  } catch {
    throw new SourceFault(
      `${JSON.stringify(address)} is no URL of an adapter; one such as https://adapter.example.org/secrets is looked for`,
    )
  }
  if (url.protocol !== 'https:' && !(allowsPlainHttp && url.protocol === 'http:'))
    throw new SourceFault(`an adapter is asked over https only; ${url.origin} is not`)
  return url
}
