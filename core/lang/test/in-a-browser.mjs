// Loads the package and what it imports into a context that has what browsers have, and nothing of Node. Started by
// browser.test.ts with --experimental-vm-modules; prints what a document opens to, as JSON.
import { readFileSync } from 'node:fs'
import { findPackageJSON, stripTypeScriptTypes } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import vm from 'node:vm'

const context = vm.createContext({ TextEncoder, TextDecoder, AbortController, AbortSignal, DOMException, queueMicrotask })
const modules = new Map()

const entry = await load(new URL('../src/index.ts', import.meta.url).href)
await entry.link((specifier, parent) => load(resolve(specifier, parent.identifier)))
await entry.evaluate()
const { load: parse, open, toPlain, writeJson, sealSecrets } = entry.namespace

const text = 'imports: [base]\nvalues:\n  a: {fn::secret: s}\n  b: <${base}>\n  p: {fn::validate: {schema: {pattern: "^x+$"}, value: xx}}\n'
const { document } = parse('env', text)
const opened = await open(document, { imports: { load: async () => ({ source: 'values: {base: 1}\n' }) } })
const sealed = await sealSecrets('env', text, async () => new Uint8Array(8))
console.log(
  JSON.stringify({
    values: writeJson(toPlain(opened.environment, { redact: true })),
    diagnostics: opened.diagnostics.length,
    sealed: sealed.text.includes('ciphertext'),
  }),
)

async function load(url) {
  const known = modules.get(url)
  if (known) return known
  const source = readFileSync(fileURLToPath(url), 'utf8')
  const module = new vm.SourceTextModule(url.endsWith('.ts') ? stripTypeScriptTypes(source) : source, { context, identifier: url })
  modules.set(url, module)
  return module
}

/** Relative files, and packages by the condition their sources are under; Node's own modules are what must not be asked for. */
function resolve(specifier, parent) {
  if (specifier.startsWith('.')) return new URL(specifier, parent).href
  if (specifier.startsWith('node:')) throw new Error(`${parent} imports ${specifier}`)
  const [scope, name, ...rest] = specifier.split('/')
  const bare = scope.startsWith('@') ? `${scope}/${name}` : scope
  const inside = scope.startsWith('@') ? rest : [name, ...rest].filter(Boolean)
  const file = findPackageJSON(bare, parent)
  if (!file) throw new Error(`${parent} imports ${specifier}, which is no installed package`)
  const { exports, module, main } = JSON.parse(readFileSync(file, 'utf8'))
  const target = exports?.[inside.length > 0 ? `./${inside.join('/')}` : '.'] ?? exports
  const path = target?.source ?? target?.import?.default ?? target?.import ?? target?.default ?? module ?? main
  return pathToFileURL(join(dirname(file), path)).href
}
