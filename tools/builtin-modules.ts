import { createRequire, isBuiltin } from 'node:module'
import type { Plugin } from 'esbuild'

const load = createRequire(import.meta.url)

/** What a library asks for when it is loaded and uses only in a mode nobody here chooses: fifteen milliseconds and four megabytes. */
const HARDLY_USED: ReadonlySet<string> = new Set(['http2'])

/**
 * Takes Node's own modules by `process.getBuiltinModule`. An `import` of one reads every name it exports, and some of these are
 * made when they are read: with `node:http` comes all of `fetch`, which is fifty milliseconds and fourteen megabytes.
 */
export const builtinModules: Plugin = {
  name: 'builtin-modules',
  setup(build) {
    build.onResolve({ filter: /^(node:)?[a-z_0-9/]+$/ }, ({ path, kind }) => {
      if (!isBuiltin(path)) return undefined
      // What is imported later is for a rare case, and stays Node's own affair.
      if (kind === 'dynamic-import') return { path, external: true }
      // Only of an import that names what it wants can the rest be left out; `require` gets the whole, unread.
      const namespace = kind === 'import-statement' ? 'builtin-names' : 'builtin'
      return { path: path.replace(/^node:/, ''), namespace, sideEffects: false }
    })
    build.onLoad({ filter: /.*/, namespace: 'builtin-names' }, ({ path }) => ({ contents: namesOf(path) }))
    build.onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({ contents: wholeOf(path) }))
  },
}

/** A module of the names a builtin has; the bundler leaves out those nobody imports, so that they are not read either. */
function namesOf(name: string): string {
  const names = Object.keys(load(`node:${name}`) as object).filter((key) => /^[A-Za-z_$][\w$]*$/.test(key) && key !== 'default')
  const lines = names.map((key) => `const ${key}_ = /* @__PURE__ */ (() => builtin_.${key})()`)
  const exported = names.map((key) => `${key}_ as ${key}`)
  return [
    `const builtin_ = /* @__PURE__ */ process.getBuiltinModule('node:${name}')`,
    ...lines,
    `export { ${['builtin_ as default', ...exported].join(', ')} }`,
  ].join('\n')
}

function wholeOf(name: string): string {
  const builtin = `process.getBuiltinModule('node:${name}')`
  if (!HARDLY_USED.has(name)) return `module.exports = ${builtin}`
  return `module.exports = new Proxy({}, { get: (_, name) => ${builtin}[name] })`
}
