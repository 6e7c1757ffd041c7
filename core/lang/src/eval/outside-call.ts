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
  const node = x.node as YamlNode
  let steps = environment.calls.get(node)
  if (!steps) environment.calls.set(node, (steps = new Map()))
  let known = steps.get(step)
  if (!known) steps.set(step, (known = environment.run.start<unknown>(call)))
  return known as OutsideCall<T>
}
