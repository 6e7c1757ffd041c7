/** The version of this program, as its package says. Read without an import: `node:fs` as a module brings streams along, at every start. */
export const VERSION = (
  JSON.parse(process.getBuiltinModule('node:fs').readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
).version
