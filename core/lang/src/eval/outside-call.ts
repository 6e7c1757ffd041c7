import type { YamlNode } from '../yaml/node.ts'
import type { EnvironmentRun } from './environment-run.ts'
import type { Expr } from './expression-state.ts'
import type { OutsideCall } from './run.ts'

/**
 * The call an expression makes to the outside, begun on the first look and never again: not when the expression is
 * looked at while the answer is missing, nor when a circle makes it be evaluated anew.
 *
 * @param step tells apart the calls one expression makes
 */
export function outsideCall<T>(environment: EnvironmentRun, x: Expr, step: string, call: () => Promise<T> | T): OutsideCall<T> {
  return remembered(environment, x, step, () => environment.run.start(call))
}

/** Looks up a provider or rotator: an answer that is there at once is used at once. */
export function lookUpOutside<T extends object>(environment: EnvironmentRun, x: Expr, call: () => Promise<T> | T): OutsideCall<T> {
  return remembered(environment, x, 'find', () => {
    const answer = call()
    return 'then' in answer ? environment.run.start(() => answer) : { answer: { value: answer } }
  })
}

function remembered<T>(environment: EnvironmentRun, x: Expr, step: string, begin: () => OutsideCall<T>): OutsideCall<T> {
  const node = x.node as YamlNode
  let steps = environment.calls.get(node)
  if (!steps) environment.calls.set(node, (steps = new Map<string, OutsideCall<unknown>>()))
  let known = steps.get(step)
  if (!known) steps.set(step, (known = begin()))
  return known as OutsideCall<T>
}
