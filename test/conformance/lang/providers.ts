import {
  type ExportedValue,
  type Failure,
  type Inputs,
  type Provider,
  type Providers,
  type Rotator,
  exportedValue,
  quote,
} from '@headgate/lang'

const text = { type: 'string' } as const
const record = (properties: Readonly<Record<string, unknown>>) =>
  ({ type: 'object', properties, required: Object.keys(properties).toSorted() }) as const
const tuple = (...prefixItems: readonly unknown[]) => ({ type: 'array', prefixItems, items: false }) as const
const number = { type: 'number' } as const

/** The schema the provider `schema` has both ways: one property for every keyword. */
export const EVERY_KEYWORD = {
  type: 'object',
  $defs: { defRecord: record({ baz: { ...text, const: 'qux' } }) },
  properties: {
    null: { type: 'null' },
    boolean: { type: 'boolean' },
    false: { type: 'boolean', const: false },
    true: { type: 'boolean', const: true },
    number,
    pi: { ...number, const: 3.14 },
    string: text,
    hello: { ...text, const: 'hello' },
    array: { type: 'array', items: true },
    tuple: tuple({ ...text, const: 'hello' }, { ...text, const: 'world' }),
    map: { type: 'object', additionalProperties: true },
    record: record({ foo: text }),
    anyOf: { anyOf: [text, number] },
    oneOf: { oneOf: [text, number] },
    ref: { $ref: '#/$defs/defRecord' },
    'const-array': { type: 'array', const: ['hello', 42] },
    'const-object': { type: 'object', const: { hello: 'world' } },
    enum: { ...text, enum: ['foo', 'bar'] },
    never: false,
    always: true,
    double: tuple(text, number),
    triple: tuple(text, number, { type: 'boolean' }),
    dependentReq: { type: 'object', properties: { foo: text, bar: number }, dependentRequired: { foo: ['bar'] } },
    multiple: { ...number, multipleOf: 2 },
    minimum: { ...number, minimum: 1 },
    exclusiveMinimum: { ...number, exclusiveMinimum: 1 },
    maximum: { ...number, maximum: 1 },
    exclusiveMaximum: { ...number, exclusiveMaximum: 1 },
    minLength: { ...text, minLength: 1 },
    maxLength: { ...text, maxLength: 1 },
    pattern: { ...text, pattern: '^foo[0-9]+$' },
    minItems: { type: 'array', minItems: 3 },
    maxItems: { type: 'array', maxItems: 2 },
    minProperties: { type: 'object', minProperties: 1 },
    maxProperties: { type: 'object', maxProperties: 1 },
  },
}

function echoing(schema: boolean | object, wrap = (inputs: Inputs): unknown => inputs): Provider {
  return { schema: () => ({ inputs: schema as never, outputs: schema as never }), open: async (inputs) => wrap(inputs) }
}

/** The providers of the language's test suite, by name. */
export const testProviders: Readonly<Record<string, Provider>> = {
  test: echoing(true),
  'secret-wrapper': echoing(true, (inputs) => exportedValue(inputs, { secret: true })),
  schema: echoing(EVERY_KEYWORD),
  bench: echoing(true, () => '0s'),
  error: {
    schema: () => ({ inputs: record({ why: text }), outputs: true }),
    open: async (inputs) => ({ failure: inputs.get('why')?.text ?? '' }),
  },
}

const pair = record({ a: text, b: text })

const swap: Rotator = {
  schema: () => ({ inputs: true, state: pair, outputs: pair }),
  open: async (_inputs, state) => state ?? {},
  rotate: async (_inputs, state) =>
    new Map([
      ['a', state?.get('b') ?? null],
      ['b', state?.get('a') ?? null],
    ]),
}

const history = { type: 'object', properties: { current: text, previous: text }, required: ['current'] }

const echo: Rotator = {
  schema: () => ({ inputs: { ...record({ next: text }), rotateOnly: ['next'] }, state: history, outputs: history }),
  open: async (inputs, state): Promise<unknown | Failure> => {
    const next = inputs.get('next')
    if (next && !next.unknown && next.text !== state?.get('current')?.text)
      return { failure: 'oh no! inputs were evaluated outside of rotation' }
    return state ?? {}
  },
  rotate: async (inputs, state): Promise<unknown | Failure> => {
    const next = inputs.get('next') as ExportedValue
    if (next.unknown) return { failure: 'oh no! rotateOnly inputs were not evaluated during rotation' }
    return new Map([
      ['current', next],
      ['previous', state?.get('current') ?? exportedValue(null)],
    ])
  },
}

export const testRotators: Readonly<Record<string, Rotator>> = { swap, echo }

/** Looks providers and rotators up in the suite's; unknown names fail as the suite's do. */
export const testLookup: Providers = {
  provider: (name) =>
    Object.hasOwn(testProviders, name) ? (testProviders[name] as Provider) : { failure: `unknown provider ${quote(name)}` },
  rotator: (name) => (Object.hasOwn(testRotators, name) ? (testRotators[name] as Rotator) : { failure: `unknown rotator ${quote(name)}` }),
}

/** Adds 128 to every byte, which undoes itself. */
export function turnBytes(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte) => (byte + 128) % 256)
}
