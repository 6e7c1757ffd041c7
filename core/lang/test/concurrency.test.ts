import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Failure, type Host, type Importer, type LoadedImport, load, open, rotate, toPlain } from '@headgate/lang'
import { evaluateText, hostOf, plain } from './evaluating.ts'

/** Outside calls that a test lets through one by one, in whatever order it likes. */
class Gate {
  readonly waiting = new Map<string, () => void>()
  readonly begun: string[] = []
  most = 0

  pass(name: string): Promise<void> {
    this.begun.push(name)
    const { promise, resolve } = Promise.withResolvers<void>()
    this.waiting.set(name, resolve)
    this.most = Math.max(this.most, this.waiting.size)
    return promise
  }

  async letThrough(name: string): Promise<void> {
    for (let turn = 0; turn < 200 && !this.waiting.has(name); turn++) await Promise.resolve()
    const go = this.waiting.get(name)
    assert.ok(go, `${name} was not begun; begun were ${this.begun.join(', ')}`)
    this.waiting.delete(name)
    go()
    for (let turn = 0; turn < 50; turn++) await Promise.resolve()
  }

  /** Lets everything through as it comes, in an order drawn from a seed. */
  async letAllThrough(seed: number, until: Promise<unknown>): Promise<void> {
    let over = false
    void until.finally(() => (over = true)).catch(() => {})
    for (let state = seed; !over;) {
      for (let turn = 0; turn < 20; turn++) await Promise.resolve()
      const names = [...this.waiting.keys()]
      state = (Math.imul(state, 1103515245) + 12345) >>> 0
      if (names.length > 0) await this.letThrough(names[state % names.length] as string)
    }
  }
}

function gatedHost(gate: Gate, texts: Readonly<Record<string, string>> = {}): Host {
  const plainHost = hostOf(texts)
  const imports = plainHost.imports as { load(name: string, importer: Importer): Promise<LoadedImport | Failure> }
  return {
    ...plainHost,
    imports: {
      load: async (name, importer) => {
        await gate.pass(`load ${name}`)
        return imports.load(name, importer)
      },
    },
    providers: {
      provider: () => ({
        schema: () => ({ inputs: true, outputs: true }),
        open: async (inputs, context) => {
          await gate.pass(`open ${inputs.get('n')?.text ?? context.at.path}`)
          return inputs
        },
      }),
      rotator: () => ({ failure: 'there is none' }),
    },
  }
}

function openText(text: string, host: Host, options = {}): ReturnType<typeof open> {
  const { document } = load('env', text)
  assert.ok(document)
  return open(document, host, options)
}

test('imports that do not depend on one another are loaded at the same time, and theirs too', async () => {
  const gate = new Gate()
  const texts = { a: 'imports: [c]\nvalues: {a: 1}\n', b: 'values: {b: 1}\n', c: 'values: {c: 1}\n' }
  const opening = openText('imports: [a, b]\n', gatedHost(gate, texts))
  assert.deepEqual(gate.begun, ['load a', 'load b'])
  await gate.letThrough('load a')
  assert.deepEqual(gate.begun, ['load a', 'load b', 'load c'])
  await gate.letThrough('load c')
  await gate.letThrough('load b')
  const { environment } = await opening
  assert.ok(environment)
  assert.deepEqual(plain(toPlain(environment, { redact: false })), { a: 1, b: 1, c: 1 })
})

test('providers are opened at the same time, and one that needs another as soon as that is there', async () => {
  const gate = new Gate()
  const text = `values:
  one: {fn::open::p: {n: one}}
  two: {fn::open::p: {n: two}}
  three: {fn::open::p: {n: "after \${one.n}"}}
  text: <\${two.n} \${three.n}>
`
  const opening = openText(text, gatedHost(gate))
  assert.deepEqual(gate.begun, ['open one', 'open two'])
  await gate.letThrough('open one')
  assert.deepEqual(gate.begun, ['open one', 'open two', 'open after one'])
  await gate.letThrough('open after one')
  await gate.letThrough('open two')
  const { environment, diagnostics } = await opening
  assert.deepEqual(diagnostics, [])
  assert.ok(environment)
  assert.equal((plain(toPlain(environment, { redact: false })) as { text: string }).text, '<two after one>')
})

test('no more outside calls are under way than allowed', async () => {
  const gate = new Gate()
  const lines = Array.from({ length: 20 }, (_, i) => `  k${i}: {fn::open::p: {n: p${i}}}`)
  const opening = openText(`values:\n${lines.join('\n')}\n`, gatedHost(gate), { concurrency: 3 })
  await gate.letAllThrough(7, opening)
  await opening
  assert.equal(gate.most, 3)
  assert.equal(gate.begun.length, 20)
})

test('the outcome is the same whatever order answers come in, circles included', async () => {
  const texts = {
    lib: 'values: {x: {fn::open::p: {n: lib}}, y: "${environments.p.other.z}"}\n',
    'p/other': 'imports: [lib]\nvalues: {z: {fn::open::p: {n: other}}, back: "${environments.p.root.a}"}\n',
  }
  const text = `imports: [lib]
values:
  a: ["\${p1}", "\${b}"]
  b: ["\${p2}", "\${a}"]
  p1: {fn::open::p: {n: p1}}
  p2: {fn::open::p: {n: p2}}
  c: {d: "\${e}", p: {fn::open::p: {n: p3}}}
  e: <\${c.d}\${c.p.n}>
  gone: \${environments.p.other.nope}
`
  const outcomes = new Set<string>()
  for (let seed = 1; seed <= 60; seed++) {
    const gate = new Gate()
    const opening = openText(text, gatedHost(gate, texts))
    await gate.letAllThrough(seed * 7919, opening)
    const { environment, diagnostics } = await opening
    assert.ok(environment)
    assert.equal(new Set(gate.begun).size, gate.begun.length, 'every call is made once')
    outcomes.add(JSON.stringify([plain(toPlain(environment, { redact: false })), diagnostics]))
  }
  assert.equal(outcomes.size, 1)
  assert.match([...outcomes][0] as string, /cyclic reference to a"/)
})

test('aborting ends the evaluation with the reason of the signal, and calls are handed the signal', async () => {
  const abort = new AbortController()
  const gate = new Gate()
  const signals: (AbortSignal | undefined)[] = []
  const host: Host = {
    ...gatedHost(gate),
    providers: {
      provider: () => ({
        schema: () => ({ inputs: true, outputs: true }),
        open: async (_inputs, { signal }) => {
          signals.push(signal)
          await gate.pass('open')
        },
      }),
      rotator: () => ({ failure: 'none' }),
    },
  }
  const opening = openText('values: {a: {fn::open::p: {}}}\n', host, { signal: abort.signal })
  await Promise.resolve()
  abort.abort(new Error('enough'))
  await assert.rejects(opening, /enough/)
  assert.equal(signals[0]?.aborted, true)
})

test('what a host function throws is no diagnostic: the evaluation fails with it', async () => {
  const host: Host = { imports: { load: () => Promise.reject(new Error('the disk is gone')) } }
  await assert.rejects(openText('imports: [a]\n', host), /the disk is gone/)
})

test('a time-out that a provider answers with is reported at the call', async () => {
  const host: Partial<Host> = {
    providers: {
      provider: () => ({ schema: () => ({ inputs: true, outputs: true }), open: async () => ({ failure: 'no answer within 30 s' }) }),
      rotator: () => ({ failure: 'none' }),
    },
  }
  const { messages, values } = await evaluateText('values:\n  a: {fn::open::slow: {}}\n  b: 1\n', { host })
  assert.deepEqual(messages, ['error values.a: no answer within 30 s'])
  assert.deepEqual(values, { a: '[unknown]', b: 1 })
})

test('whoever may not import an environment is told so at the place, and it is not loaded', async () => {
  const loads: string[] = []
  const asked: string[] = []
  const texts: Record<string, string> = { a: 'imports: [b]\nvalues: {x: "${environments.p.c.k}"}\n', 'p/c': 'values: {k: 1}\n' }
  const host: Partial<Host> = {
    imports: {
      load: async (name) => {
        loads.push(name)
        return { source: texts[name] as string, resolvedName: `resolved/${name}` }
      },
      authorise: async ({ name, isRoot }, imported) => {
        asked.push(`${name}${isRoot ? ' (root)' : ''} -> ${imported}`)
        return imported === 'b' ? { failure: 'a may not import b' } : undefined
      },
    },
  }
  const { messages, values } = await evaluateText('imports: [a]\n', { host })
  assert.deepEqual(loads, ['a', 'p/c'])
  assert.deepEqual(asked, ['env (root) -> a', 'resolved/a -> b', 'resolved/a -> p/c'])
  assert.deepEqual(messages, ['error imports[0]: a may not import b'])
  assert.deepEqual(values, { x: 1 })
})

test('a rotator is rotated exactly once, however often its call is looked at', async () => {
  let rotations = 0
  const gate = new Gate()
  const host: Host = {
    ...gatedHost(gate),
    providers: {
      provider: gatedHost(gate).providers?.provider as never,
      rotator: () => ({
        schema: () => ({ inputs: true, state: { type: 'object' }, outputs: true }),
        open: async (_inputs, state) => state ?? {},
        rotate: async () => {
          rotations++
          await gate.pass('rotate')
          return { n: rotations }
        },
      }),
    },
  }
  const { document } = load(
    'env',
    'values:\n  r: {fn::rotate::x: {inputs: {}}}\n  p: {fn::open::p: {n: p}}\n  all: ["${r.n}", "${p.n}", "${r.n}"]\n',
  )
  assert.ok(document)
  const rotating = rotate(document, host)
  await gate.letAllThrough(3, rotating)
  const { environment, rotations: found } = await rotating
  assert.equal(rotations, 1)
  assert.deepEqual(
    found.map(({ path, status }) => [path, status]),
    [['values.r', 'succeeded']],
  )
  assert.ok(environment)
  assert.deepEqual((plain(toPlain(environment, { redact: false })) as { all: unknown }).all, [1, 'p', 1])
})
