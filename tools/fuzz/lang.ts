/**
 * Throws environments at core/lang: generated ones, generated ones that something happened to, noise, and bombs. For every
 * text: it is loaded, checked, opened and rotated without a crash and in bounded time; its secrets are sealed and unsealed
 * without another byte changing; and it is edited at its paths.
 */
import assert from 'node:assert/strict'
import { Secret, hasErrors } from '@headgate/model'
import {
  type Document,
  type Failure,
  type Json,
  type LoadedImport,
  type YamlNode,
  check,
  getPath,
  listSealed,
  load,
  open,
  readYaml,
  removePath,
  rotate,
  scrub,
  sealSecrets,
  serialise,
  setPath,
  toPlain,
  unsealSecrets,
  writeJson,
} from '@headgate/lang'
import { testLookup } from '../../test/conformance/lang/providers.ts'
import { type GeneratedCase, generateCase } from '../differential/generate-document.ts'
import { Seeded } from '../differential/seeded.ts'
import { BOMBS } from './bombs/lang.ts'

export interface FuzzResult {
  readonly runs: number
  readonly seed: number
  readonly failure?: { readonly text: string; readonly message: string }
}

/** Processor time no text may take, all modes and edits together. */
const PATIENCE_MS = 6000

/** Tries texts until the time is over or one of them breaks a rule. */
export async function fuzz({ seconds, seed }: { readonly seconds: number; readonly seed: number }): Promise<FuzzResult> {
  const random = new Seeded(seed)
  const end = performance.now() + seconds * 1000
  let runs = 0
  const bombs = [...BOMBS]
  while (performance.now() < end) {
    const generated = bombs.length > 0 && runs % 20 === 10 ? (bombs.pop() as () => GeneratedCase)() : makeCase(random)
    const began = process.cpuUsage()
    try {
      await examine(generated, random)
      const { user, system } = process.cpuUsage(began)
      const took = (user + system) / 1000
      assert.ok(took < PATIENCE_MS, `it took ${Math.round(took)} ms`)
    } catch (error) {
      const text = Object.entries(generated.files).map(([name, content]) => `# ${name}\n${content.slice(0, 5000)}`)
      return {
        runs,
        seed,
        failure: { text: text.join('\n'), message: error instanceof Error ? (error.stack ?? error.message) : String(error) },
      }
    }
    runs++
  }
  return { runs, seed }
}

/**
 * Makes one more document and holds it against all rules.
 *
 * @throws where one is broken
 */
export async function examineOne(random: Seeded): Promise<void> {
  await examine(makeCase(random), random)
}

function makeCase(random: Seeded): GeneratedCase {
  const generated = generateCase(random)
  const roll = random.next()
  if (roll < 0.5) return generated
  const text = roll < 0.9 ? mutate(generated.files['env'] as string, random) : noise(random)
  return { ...generated, files: { ...generated.files, env: text } }
}

/** Several accidents in one text. */
function mutate(text: string, random: Seeded): string {
  let mutated = text
  for (let times = 1 + random.below(6); times > 0; times--) {
    const at = random.below(mutated.length + 1)
    const length = random.below(12)
    const piece = random.chance(0.5) ? random.pick(SNIPPETS) : mutated.slice(random.below(mutated.length + 1)).slice(0, length)
    mutated = mutated.slice(0, at) + piece + mutated.slice(at + (random.chance(0.5) ? length : 0))
  }
  return mutated.toWellFormed()
}

const SNIPPETS = [
  '\t',
  ': ',
  '- ',
  '\n',
  '\r\n',
  '\r',
  '"',
  "'",
  '[',
  ']',
  '{',
  '}',
  ',',
  '#',
  ' #',
  ' # a-b: c?\n',
  '\n# - ? :\n',
  '&a ',
  '*a',
  '!!int ',
  '!',
  '|\n  ',
  '>-\n',
  '? ',
  '%YAML 1.1\n',
  '---\n',
  '...\n',
  '\u0085',
  '\u2028',
  '\ufeff',
  '\0',
  '\x7f',
  '😀',
  '\u0301',
  '${',
  '}',
  '$$',
  '${a.b[0]["c"]}',
  'fn::secret: ',
  'fn::open::test: ',
  '<<: ',
  '1e999',
  '0x',
  '.inf',
  '.nan',
  '~',
  'null',
  '@',
  '`',
  '\\',
  '  ',
  'values:',
  'imports:',
]

function noise(random: Seeded): string {
  return Array.from({ length: random.below(120) }, () =>
    random.chance(0.6) ? random.pick(SNIPPETS) : String.fromCodePoint(32 + random.below(95)),
  ).join('')
}

// --- the rules ------------------------------------------------------------------------------------------------------

export async function examine(generated: GeneratedCase, random: Seeded): Promise<void> {
  const text = generated.files['env'] as string
  const { document, diagnostics } = load('env', text)
  for (const diagnostic of diagnostics) assert.ok(diagnostic.message !== '' && diagnostic.code.startsWith('LANG_'))
  if (document) await evaluateAll(document, generated)
  const { root, diagnostics: found } = readYaml('env', text)
  if (!root || hasErrors(found)) return
  await examineSealing(text, generated)
  examineEdits(text, root, random)
}

function hostOf({ files }: GeneratedCase) {
  const crypter = { decrypt: async (payload: Uint8Array): Promise<Uint8Array | Failure> => payload.slice(4) }
  const imports = {
    load: async (name: string): Promise<LoadedImport | Failure> =>
      Object.hasOwn(files, name) ? { source: files[name] as string, crypter } : { failure: 'it is not there' },
  }
  return { imports, providers: testLookup, crypter }
}

async function evaluateAll(document: Document, generated: GeneratedCase): Promise<void> {
  const host = hostOf(generated)
  for (const run of [check, open, (...[given, , options]: Parameters<typeof open>) => rotate(given, host, [], options)]) {
    const { environment, diagnostics } = await run(document, host, { trace: 'full' })
    JSON.stringify(diagnostics)
    if (!environment) continue
    JSON.parse(serialise(environment))
    JSON.parse(scrub(environment))
    JSON.parse(writeJson(toPlain(environment, { redact: true })))
  }
}

const seal = async (secret: Secret): Promise<Uint8Array> => new Uint8Array([1, 2, 3, 4, ...new TextEncoder().encode(secret.reveal())])
const unseal = async (payload: Uint8Array): Promise<Secret> => new Secret(new TextDecoder().decode(payload.slice(4)))

async function examineSealing(text: string, generated: GeneratedCase): Promise<void> {
  if (listSealed(text).sealed.length > 0 || listSealed(text).diagnostics.length > 0) return
  const { text: sealed, diagnostics } = await sealSecrets('env', text, seal)
  if (sealed === undefined) return assert.ok(hasErrors(diagnostics), 'what is not sealed is not without a reason')
  assert.equal(outsideSecrets(sealed), outsideSecrets(text), 'sealing changes nothing but secrets')
  const { text: unsealed } = await unsealSecrets('env', sealed, unseal)
  assert.ok(unsealed !== undefined)
  assert.equal(outsideSecrets(unsealed), outsideSecrets(text), 'unsealing changes nothing but secrets')
  const again = await unsealSecrets('env', (await sealSecrets('env', unsealed, seal)).text as string, unseal)
  assert.equal(again.text, unsealed, 'a second round gives the same text')
  // A document with mistakes is not kept anywhere, and may mean something else with a secret in another form.
  if (hasErrors(load('env', text).diagnostics)) return
  const [first, second, third] = await Promise.all([text, sealed, unsealed].map((version) => valuesOf(version, generated)))
  assert.equal(second, first, 'a sealed document means the same')
  assert.equal(third, first, 'an unsealed document means the same')
}

async function valuesOf(text: string, generated: GeneratedCase): Promise<string> {
  const { document } = load('env', text)
  if (!document) return 'none'
  const { environment } = await open(document, hostOf(generated))
  return environment ? writeJson(toPlain(environment, { redact: false })) : 'none'
}

/** A text without what its secrets say, and without the blanks around that: where the lines of a block scalar were, no line is left. */
function outsideSecrets(text: string): string {
  const { root } = readYaml('env', text)
  const spans: YamlNode[] = []
  collectSecrets(root, spans)
  let rest = ''
  let at = 0
  for (const node of spans.toSorted((a, b) => a.start - b.start)) {
    rest += text.slice(at, node.start)
    at = node.end
    // A comment behind the header of a block scalar belongs to the document.
    if (node.style === 'literal' || node.style === 'folded')
      rest += /^[|>][-+0-9]*([^\n\r]*)/.exec(text.slice(node.contentStart))?.[1] ?? ''
  }
  return (rest + text.slice(at)).replace(/\s+/g, '')
}

function collectSecrets(node: YamlNode | undefined, spans: YamlNode[]): void {
  if (!node) return
  if (node.kind === 'object' && node.size === 1 && node.keyAt(0).text === 'fn::secret') {
    spans.push(node.valueAt(0))
    return
  }
  for (const child of node.children) collectSecrets(child, spans)
}

// --- edits ----------------------------------------------------------------------------------------------------------

function examineEdits(text: string, root: YamlNode, random: Seeded): void {
  const values = root.get('values')
  if (!values || root.kind !== 'object' || hasDuplicates(root)) return
  const paths: string[] = []
  collectPaths(values, '', paths)
  if (paths.length === 0) return
  const path = random.pick(paths)
  const content = random.pick([
    'plain',
    'two: words',
    '',
    7,
    true,
    null,
    { a: 'x', 'b c': [1, 'two'] },
    [],
    ['- x', { k: {} }],
    'multi\nline\n',
    '# no comment',
    new Secret('s$${x}'),
  ] as const)
  const set = setPath(text, path, content)
  assert.ok(set.ok, `${path} can be set`)
  assert.equal(
    dataOf(set.value),
    dataWith(text, path, content),
    `setting ${path} to ${JSON.stringify(content)} sets that alone:\n${set.value}`,
  )
  const removed = removePath(text, path)
  assert.ok(removed.ok, `${path} can be removed`)
  assert.equal(dataOf(removed.value), dataWithout(text, path), `removing ${path} removes that alone:\n${removed.value}`)
  const fresh = setPath(text, 'brand.new["key x"]', content)
  if (fresh.ok) assert.ok(getPath(fresh.value, 'brand.new["key x"]').ok, `a new key is there:\n${fresh.value}`)
}

/** Paths of values that can be named: no empty keys, no keys that stand twice. */
function collectPaths(node: YamlNode, path: string, paths: string[]): void {
  for (let i = 0; i < node.size; i++) {
    const child = node.kind === 'object' ? node.valueAt(i) : (node.children[i] as YamlNode)
    const key = node.kind === 'object' ? node.keyAt(i).value : ''
    if (node.kind === 'object' && (key === '' || key.includes('\\') || (path === '' && key === 'imports'))) continue
    const inner = node.kind === 'object' ? `${path}["${key.replaceAll('"', '\\"')}"]` : `${path}[${i}]`
    paths.push(inner)
    collectPaths(child, inner, paths)
  }
}

function hasDuplicates(node: YamlNode): boolean {
  if (node.kind === 'object') {
    const keys = Array.from({ length: node.size }, (_, i) => node.keyAt(i).value)
    if (new Set(keys).size < keys.length) return true
  }
  return node.children.some(hasDuplicates)
}

function dataOf(text: string): string {
  const { root, diagnostics } = readYaml('env', text)
  assert.ok(!hasErrors(diagnostics), `it can still be read: ${JSON.stringify(diagnostics)}\n${text}`)
  return writeJson(plainData(root))
}

/** A document as data: scalars with their kind, so that `1` and `"1"` differ. */
function plainData(node: YamlNode | undefined): Json {
  if (!node) return null
  if (node.kind === 'array') return node.children.map(plainData)
  if (node.kind === 'object') return new Map(Array.from({ length: node.size }, (_, i) => [node.keyAt(i).value, plainData(node.valueAt(i))]))
  return `${node.kind} ${node.text}`
}

function secretData(secret: Secret): Json {
  return new Map([['fn::secret', `string ${secret.reveal().replace(/\$(?=[${])/g, '$$$$')}`]])
}

function contentData(content: unknown): Json {
  if (content instanceof Secret) return secretData(content as Secret)
  if (content === null) return 'null '
  if (typeof content === 'string' || typeof content === 'number' || typeof content === 'boolean') return `${typeof content} ${content}`
  if (Array.isArray(content)) return content.map(contentData)
  return new Map(Object.entries(content as object).map(([key, value]) => [key, contentData(value)]))
}

function dataWith(text: string, path: string, content: unknown): string {
  return changed(text, path, (parent, key) => {
    if (Array.isArray(parent)) parent[key as number] = contentData(content)
    else parent.set(key as string, contentData(content))
  })
}

function dataWithout(text: string, path: string): string {
  return changed(text, path, (parent, key) => {
    if (Array.isArray(parent)) parent.splice(key as number, 1)
    else parent.delete(key as string)
  })
}

function changed(text: string, path: string, change: (parent: Json[] | Map<string, Json>, key: string | number) => void): string {
  const data = plainData(readYaml('env', text).root) as Map<string, Json>
  const found = getPath(text, path)
  assert.ok(found.ok, `${path} is there`)
  const keys: (string | number)[] = []
  for (let node: YamlNode | undefined = found.value.node; node?.parent; node = node.parent) keys.unshift(node.key)
  let at: Json = data
  for (const key of keys.slice(0, -1)) at = (Array.isArray(at) ? at[key as number] : (at as Map<string, Json>).get(key as string)) as Json
  change(at as Json[] | Map<string, Json>, keys[keys.length - 1] as string | number)
  return writeJson(data)
}
