interface Summary {
  readonly funcCounts: Record<string, number>
  readonly rotationPaths: string[]
}

/** How often each builtin is called in an evaluated text, and where its rotators are: clients expect it beside a check. */
export function functionSummary(evaluation: unknown): Summary {
  const summary: Summary = { funcCounts: {}, rotationPaths: [] }
  const exprs = (evaluation as { exprs?: Record<string, unknown> } | undefined)?.exprs ?? {}
  for (const [key, expr] of Object.entries(exprs)) visit(expr, key, summary)
  return summary
}

function visit(expr: unknown, path: string, summary: Summary): void {
  if (typeof expr !== 'object' || expr === null) return
  const { list, object, builtin } = expr as {
    list?: unknown[]
    object?: Record<string, unknown>
    builtin?: { name?: string; arg?: unknown }
  }
  for (const [index, item] of (list ?? []).entries()) visit(item, `${path}[${index}]`, summary)
  for (const [key, item] of Object.entries(object ?? {})) visit(item, `${path}.${key}`, summary)
  if (builtin?.name === undefined) return
  summary.funcCounts[builtin.name] = (summary.funcCounts[builtin.name] ?? 0) + 1
  if (builtin.name.startsWith('fn::rotate')) summary.rotationPaths.push(path)
  visit(builtin.arg, path, summary)
}
