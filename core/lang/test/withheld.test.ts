import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Host, type Withheld, load, open, toPlain, unknownPaths, writeJson } from '../src/index.ts'

async function openWithout(text: string, withheld: Withheld, imports: Record<string, { text: string; withheld?: Withheld }> = {}) {
  const { document } = load('shop/dev', text)
  assert.ok(document)
  const host: Host = {
    withheld,
    imports: {
      async load(name) {
        const found = imports[name]
        return found ? { source: found.text, ...(found.withheld ? { withheld: found.withheld } : {}) } : { failure: 'none' }
      },
    },
  }
  const { environment, diagnostics } = await open(document, host, { trace: 'none' })
  assert.ok(environment, JSON.stringify(diagnostics))
  const plain = writeJson(toPlain(environment, { redact: false }))
  return { plain: JSON.parse(plain) as Record<string, unknown>, unknown: unknownPaths(environment) }
}

const db: Withheld = (path) => path.startsWith('db.')

test('what is withheld is unknown, and so is every copy of it, however it is made', async () => {
  const opened = await openWithout(
    `values:
  db: {password: {fn::secret: canary}, host: canary-host}
  copy: \${db.password}
  text: "pw=\${db.password}"
  object: \${db}
  json: {fn::toJSON: {a: "\${db.host}"}}
  coded: {fn::toBase64: "\${db.password}"}
  list: ["\${db.host}", free]
  joined: {fn::join: [",", ["\${db.host}"]]}
  parsed: {fn::fromJSON: '{"x": 1}'}
  free: yes-this
`,
    db,
  )
  assert.deepEqual(opened.unknown, [
    'coded',
    'copy',
    'db.host',
    'db.password',
    'joined',
    'json',
    'list[0]',
    'object.host',
    'object.password',
    'text',
  ])
  assert.equal(opened.plain['free'], 'yes-this')
  assert.deepEqual(opened.plain['list'], ['[unknown]', 'free'])
  assert.doesNotMatch(JSON.stringify(opened.plain), /canary|Y2FuYXJ5/)
})

test('parts of what a call gives are withheld by their own paths', async () => {
  const opened = await openWithout(
    `values:
  made: {fn::fromJSON: '{"password": "canary", "port": 1, "list": [{"password": "canary"}]}'}
  other: \${made.password}
  nested: \${made.list[0].password}
  port: \${made.port}
`,
    (path) => path.endsWith('.password'),
  )
  assert.deepEqual(opened.unknown, ['made.list[0].password', 'made.password', 'nested', 'other'])
  assert.deepEqual(opened.plain['made'], { list: [{ password: '[unknown]' }], password: '[unknown]', port: 1 })
  assert.equal(opened.plain['port'], 1)
})

test('what is inherited is withheld by the rules of both environments', async () => {
  const base = {
    text: 'values: {db: {password: canary, port: 1}, api: {key: canary, url: u}}\n',
    withheld: (path: string) => path === 'api.key',
  }
  const text = `imports: [shop/base]\nvalues: {db: {name: n}, seen: '\${imports["shop/base"].api.key}', url: '\${api.url}'}\n`
  const opened = await openWithout(text, (path) => path === 'db.password', { 'shop/base': base })
  assert.deepEqual(opened.unknown, ['api.key', 'db.password', 'seen'])
  assert.deepEqual(opened.plain['db'], { name: 'n', password: '[unknown]', port: 1 })
  assert.equal(opened.plain['url'], 'u')
  assert.doesNotMatch(JSON.stringify(opened.plain), /canary/)
})

test('an override hides nothing of what it overrides: neither value is told', async () => {
  const base = { text: 'values: {db: {password: canary}}\n' }
  const opened = await openWithout('imports: [shop/base]\nvalues: {db: {password: another-canary}}\n', db, { 'shop/base': base })
  assert.deepEqual(opened.plain, { db: { password: '[unknown]' } })
})
