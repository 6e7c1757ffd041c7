import { STRING } from '../schema/schema.ts'
import { unwrapEnvelope } from '../text/envelope.ts'
import { type Failure, isFailure } from '../host.ts'
import type { LiteralExpression } from '../syntax/expression.ts'
import { fromBytes } from '../yaml/bytes.ts'
import type { YamlNode } from '../yaml/node.ts'
import type { EnvironmentRun } from './environment-run.ts'
import { evaluate, fail } from './evaluate.ts'
import type { Expr } from './expression-state.ts'
import { outsideCall } from './outside-call.ts'
import { Value, unknownValue } from './value.ts'

/** `fn::secret`: plaintext as it is, marked secret; a sealed one opened, unless only checking. */
export function evaluateSecret(environment: EnvironmentRun, x: Expr): Value | undefined {
  const plaintext = x.inputs?.get('plaintext')
  if (plaintext) return evaluate(environment, plaintext, STRING, x)
  const sealed = x.call.inputs['ciphertext'] as LiteralExpression
  const payload = unwrapEnvelope(sealed.text)
  if ('fault' in payload) {
    fail(environment, x, 'LANG_SECRET', `invalid ciphertext: ${payload.fault}`)
    return unknownSecret(x)
  }
  return environment.run.decrypts ? open(environment, x, sealed.node as YamlNode, payload) : unknownSecret(x)
}

function open(environment: EnvironmentRun, x: Expr, node: YamlNode, payload: Uint8Array): Value | undefined {
  const { crypter, run } = environment
  const { signal } = run.options
  const call = outsideCall<Uint8Array | Failure>(environment, x, 'decrypt', () =>
    crypter ? crypter.decrypt(payload, { path: node.path, range: node.range }, signal) : { failure: 'there is no key to open it with' },
  )
  if (!call.answer) return undefined
  const answer = call.answer.value
  if (isFailure(answer)) {
    fail(environment, x, 'LANG_SECRET', `decrypting: ${answer.failure}`)
    return unknownSecret(x)
  }
  return new Value(x, fromBytes(answer), STRING, undefined, { secret: true })
}

function unknownSecret(x: Expr): Value {
  return unknownValue(x, STRING, { secret: true })
}
