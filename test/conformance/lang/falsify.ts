/** A falsified copy of some data, and what was done to it. */
export interface Falsified {
  readonly what: string
  readonly data: unknown
}

type Steps = readonly (string | number)[]

/**
 * One falsified copy for each kind of thing that some data is made of: the first value under each name changed, the first
 * entry of each name left out, one added to the first object of each name, and lists made shorter and longer.
 */
export function* falsify(data: unknown): Generator<Falsified> {
  const seen = new Set<string>()
  for (const [steps, value] of parts(data, [])) {
    for (const [change, changed] of changes(value)) {
      const what = `${change} ${nameOf(steps)}`
      if (seen.has(what)) continue
      seen.add(what)
      yield { what: `${change} ${steps.join('.')}`, data: replaced(data, steps, changed) }
    }
  }
}

/** The name a part stands under, so that one of each kind is enough. */
function nameOf(steps: Steps): string {
  const [mode] = steps
  const name = steps.findLast((step) => typeof step === 'string')
  return `${mode} ${name}`
}

function* parts(value: unknown, steps: Steps): Generator<[Steps, unknown]> {
  yield [steps, value]
  if (typeof value !== 'object' || value === null) return
  for (const [key, child] of Object.entries(value)) yield* parts(child, [...steps, Array.isArray(value) ? Number(key) : key])
}

function* changes(value: unknown): Generator<[string, unknown]> {
  if (Array.isArray(value)) {
    if (value.length > 0) yield ['shorter', value.slice(0, -1)]
    yield ['longer', [...(value as unknown[]), value[0] ?? 'more']]
  } else if (typeof value === 'object' && value !== null) {
    yield ['more in', { ...value, 'added by the test': true }]
    const [first] = Object.keys(value)
    if (first !== undefined) yield ['less in', Object.fromEntries(Object.entries(value).slice(1))]
  } else if (typeof value === 'number') yield ['other number', value + 1]
  else if (typeof value === 'string') yield ['other text', `${value}!`]
  else yield ['other word', value !== true]
}

function replaced(data: unknown, [step, ...rest]: Steps, value: unknown): unknown {
  if (step === undefined) return value
  if (Array.isArray(data)) return data.map((child: unknown, i) => (i === step ? replaced(child, rest, value) : child))
  const object = data as Readonly<Record<string, unknown>>
  return { ...object, [step]: replaced(object[step], rest, value) }
}
