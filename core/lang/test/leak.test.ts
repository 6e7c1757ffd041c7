import assert from 'node:assert/strict'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { Secret } from '@headgate/model'
import {
  type Crypter,
  type Environment,
  type Failure,
  type LoadedImport,
  check,
  load,
  open,
  rotate,
  scrub,
  sealSecrets,
  serialise,
  toPlain,
  unsealSecrets,
  variables,
  writeJson,
} from '@headgate/lang'
import { testLookup, turnBytes } from '../../../test/conformance/lang/providers.ts'
import { sharedFolder } from '../../../test/shared-folder.ts'

/** Stands for whatever was secret; drawn anew for each test, so that nothing can be expected. */
class Canary {
  readonly word = `canary${randomBytes(6).toString('hex')}`
  made = 0

  /** Every sealed secret opens to what it was with the canary in it, so that what the case goes on to do with it still works. */
  readonly crypter: Crypter = {
    decrypt: async (payload) => {
      this.made++
      return new TextEncoder().encode(this.marked(new TextDecoder().decode(turnBytes(payload))))
    },
  }

  /** JSON stays JSON, with the canary in its texts and keys; everything else is replaced as a whole. */
  marked(plaintext: string): string {
    const marked = `${this.word}:${this.word},${this.word}`
    if (!/^[[{]/.test(plaintext)) return marked
    try {
      return JSON.stringify(this.#markedData(JSON.parse(plaintext)))
    } catch {
      return marked
    }
  }

  #markedData(data: unknown): unknown {
    if (Array.isArray(data)) return data.map((element) => this.#markedData(element))
    if (typeof data !== 'object' || data === null) return this.word
    return Object.fromEntries(
      Object.entries(data).flatMap(([key, value]) => [
        [key, this.#markedData(value)],
        [this.word, this.word],
      ]),
    )
  }

  /** The canary in every form an encoding could give it. */
  forms(): string[] {
    const text = Buffer.from(this.word)
    const inBase64 = [0, 1, 2].map((shift) =>
      Buffer.concat([Buffer.alloc(shift), text])
        .toString('base64')
        .slice(shift === 0 ? 0 : 4, -4),
    )
    return [this.word, ...inBase64]
  }

  assertAbsent(text: string, what: string): void {
    for (const form of this.forms())
      assert.ok(
        !text.includes(form),
        `${what} holds a secret: ${text.slice(Math.max(0, text.indexOf(form) - 200), text.indexOf(form) + 60)}`,
      )
  }
}

/** A document whose plaintext secrets are sealed, so that all its secrets are the canary. */
async function sealed(text: string): Promise<string> {
  const { text: result } = await sealSecrets('case', text, async (secret) => turnBytes(new TextEncoder().encode(secret.reveal().padEnd(4))))
  return result ?? text
}

const folders = ['esc-conformance/eval', 'esc-suspicious/eval']
  .map((inside) => sharedFolder(inside))
  .filter((folder) => folder !== undefined)

test(
  'no case lets a secret out of a scrubbed environment, a redacted one, or a diagnostic',
  { skip: folders.length === 0 && 'the shared folder is not on this machine' },
  async () => {
    let secrets = 0
    for (const folder of folders) {
      for (const name of readdirSync(folder)) secrets += await judge(join(folder, name))
    }
    assert.ok(secrets > 100, `only ${secrets} secrets were opened: the test looks at nothing`)
  },
)

/** A document whose sealed secrets are plaintext again: the canary. */
async function unsealed(text: string, canary: Canary): Promise<string> {
  const { text: result } = await unsealSecrets('case', await sealed(text), async (payload) => {
    canary.made++
    return new Secret(canary.marked(new TextDecoder().decode(turnBytes(payload))))
  })
  return result ?? (await sealed(text))
}

/** Looks at a case twice: with its secrets sealed, and with plaintext ones as an editor has them. */
async function judge(path: string): Promise<number> {
  return (await judgeForm(path, sealed)) + (await judgeForm(path, unsealed))
}

async function judgeForm(path: string, form: (text: string, canary: Canary) => Promise<string>): Promise<number> {
  const canary = new Canary()
  const { document, diagnostics: found } = load('case', await form(readFileSync(join(path, 'env.yaml'), 'utf8'), canary))
  if (!document) return 0
  const read = async (name: string): Promise<LoadedImport | Failure> => {
    const file = join(path, `${name}.yaml`)
    return existsSync(file) ? { source: await form(readFileSync(file, 'utf8'), canary), crypter: canary.crypter } : { failure: 'not found' }
  }
  const host = { imports: { load: read }, providers: testLookup, crypter: canary.crypter }
  for (const mode of ['check', 'open', 'rotate'] as const) {
    const options = { trace: 'full', showSecrets: true } as const
    const { environment, diagnostics } = await { check, open, rotate: () => rotate(document, host, [], options) }[mode](
      document,
      host,
      options,
    )
    canary.assertAbsent(JSON.stringify([found, diagnostics]), `${path}: a diagnostic`)
    if (environment) assertTight(canary, environment, path)
  }
  return canary.made
}

function assertTight(canary: Canary, environment: Environment, path: string): void {
  canary.assertAbsent(scrub(environment), `${path}: the scrubbed environment`)
  canary.assertAbsent(writeJson(toPlain(environment, { redact: true })), `${path}: the redacted values`)
  canary.assertAbsent(
    inspect(environment, { depth: 20, showHidden: true }) + JSON.stringify(environment) + String(environment),
    `${path}: the printed environment`,
  )
  for (const variable of variables(environment))
    if (!variable.secret) canary.assertAbsent(variable.value, `${path}: the variable ${variable.name}`)
}

test('the test would notice: the same secrets are in what is not scrubbed', async () => {
  const canary = new Canary()
  const { document } = load('case', await sealed('values:\n  a: {fn::secret: x}\n  b: {fn::fromJSON: {fn::toJSON: ["${a}"]}}\n'))
  assert.ok(document)
  const { environment } = await open(document, { crypter: canary.crypter }, { trace: 'full' })
  assert.ok(environment)
  assert.ok(serialise(environment).includes(canary.word))
  assert.throws(() => canary.assertAbsent(serialise(environment), 'it'))
})

const TRICKS: Readonly<Record<string, string>> = {
  'a schema made of a secret':
    'values:\n  s: {fn::secret: x}\n  v: {fn::validate: {schema: {const: "${s}"}, value: other}}\n  e: {fn::validate: {schema: {enum: ["${s}", b]}, value: other}}\n  p: {fn::validate: {schema: {pattern: "[${s}"}, value: other}}\n  q: {fn::validate: {schema: {type: string, pattern: "^${s}$"}, value: other}}\n',
  'pieces of a split secret':
    'values:\n  s: {fn::secret: x}\n  parts: {fn::split: [":", "${s}"]}\n  one: ${parts[1]}\n  text: <${parts[0]}>\n  joined: {fn::join: ["-", "${parts}"]}\n',
  'a secret that is no JSON': 'values:\n  s: {fn::secret: x}\n  j: {fn::fromJSON: "${s}"}\n  b: {fn::fromBase64: "${s}"}\n',
  'a misspelt key of a secret object':
    'values:\n  s: {fn::open::secret-wrapper: {"${k}": 1}}\n  o: {fn::open::secret-wrapper: {k: "${t}"}}\n  t: {fn::secret: x}\n  x: ${o.kk}\n  w: ${s.nope}\n',
  'a secret below an override': 'imports: [base]\nvalues:\n  a: plain\n  o: {k: 1}\n',
  'encodings of a secret':
    'values:\n  s: {fn::secret: x}\n  b: {fn::toBase64: "${s}"}\n  c: {fn::toBase64: "-${s}"}\n  d: {fn::toBase64: "--${s}"}\n  y: {fn::toYAML: {k: "${s}"}}\n  n: {fn::toString: {k: ["${s}"]}}\n  final: {fn::final: {k: "${s}", l: 1}}\n',
  'a provider that fails with a secret as input':
    'values:\n  s: {fn::secret: x}\n  o: {fn::open::schema: {number: "${s}", hello: "${s}", pattern: "${s}", maxLength: "${s}"}}\n',
}

for (const [name, text] of Object.entries(TRICKS)) {
  test(`nothing secret gets out by ${name}`, async () => {
    const canary = new Canary()
    const { document } = load('case', await sealed(text))
    assert.ok(document)
    const base = await sealed('values:\n  a: {fn::secret: x}\n  o: {fn::secret: y}\n')
    const host = {
      imports: { load: async () => ({ source: base, crypter: canary.crypter }) },
      providers: testLookup,
      crypter: canary.crypter,
    }
    const { environment, diagnostics } = await open(document, host, { trace: 'full' })
    assert.ok(canary.made > 0)
    canary.assertAbsent(JSON.stringify(diagnostics), 'a diagnostic')
    assert.ok(environment)
    assertTight(canary, environment, name)
  })
}

test('messages quote from secrets only where that is asked for, to compare them with the reference', async () => {
  const canary = new Canary()
  const { document } = load('case', await sealed('values:\n  s: {fn::secret: hush}\n  o: {fn::open::error: {why: "not ${s}"}}\n'))
  assert.ok(document)
  const host = { providers: testLookup, crypter: canary.crypter }
  const redacted = await open(document, host)
  canary.assertAbsent(JSON.stringify(redacted.diagnostics), 'a diagnostic')
  const verbatim = await open(document, host, { messages: 'verbatim' })
  assert.ok(JSON.stringify(verbatim.diagnostics).includes(canary.word))
})
