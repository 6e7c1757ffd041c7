import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Secret, type Result } from '@headgate/model'
import {
  type Content,
  applyPatches,
  getPath,
  importsOf,
  listSealed,
  load,
  removePath,
  replaceSealed,
  rotate,
  sealSecrets,
  setPath,
  unsealSecrets,
} from '@headgate/lang'
import { evaluateText, hostOf } from './evaluating.ts'

const seal = async (secret: Secret): Promise<Uint8Array> => new Uint8Array([9, 9, 9, 9, ...new TextEncoder().encode(secret.reveal())])
const open = async (payload: Uint8Array): Promise<Secret> => new Secret(new TextDecoder().decode(payload.slice(4)))

async function sealed(text: string): Promise<string> {
  const { text: result, diagnostics } = await sealSecrets('env', text, seal)
  assert.deepEqual(diagnostics, [])
  return result as string
}

/** A sealed text with the envelopes shortened to what is in them. */
function shown(text: string): string {
  const { sealed: found } = listSealed(text)
  let at = 0
  return text.replace(/\{ciphertext: [A-Za-z0-9+/=]+\}/g, () => `{${new TextDecoder().decode(found[at++]?.payload.slice(4))}}`)
}

test('sealing changes the secret scalars and not one other byte', async () => {
  const text =
    "\ufeff# head\r\nvalues:\r\n  a:   {fn::secret:  \"x y\"}   # one\r\n  list: [1, {fn::secret: p}, { 'fn::secret': 'q' } ]\r\n  deep:\r\n    ? fn::secret\r\n    : plain text\r\n"
  assert.equal(
    shown(await sealed(text)),
    "\ufeff# head\r\nvalues:\r\n  a:   {fn::secret:  {x y}}   # one\r\n  list: [1, {fn::secret: {p}}, { 'fn::secret': {q} } ]\r\n  deep:\r\n    ? fn::secret\r\n    : {plain text}\r\n",
  )
})

test('a block scalar is sealed with its lines, and a comment behind its header stays', async () => {
  const text = 'values:\n  key:\n    fn::secret: |-  # from the safe\n      one\n        two\n\n      three\n\n  next: 1\n'
  assert.equal(shown(await sealed(text)), 'values:\n  key:\n    fn::secret: {one\n  two\n\nthree}  # from the safe\n\n  next: 1\n')
})

test('unsealing gives readable text back, and a second round trip the same text', async () => {
  const text =
    'values:\n  a: {fn::secret: "x: y"}\n  b:\n    fn::secret: |\n      line 1\n      line 2\n  c: {fn::secret: "1"}\n  d: {fn::secret: "tab\\there"}\n'
  const first = await unsealSecrets('env', await sealed(text), open)
  assert.equal(
    first.text,
    'values:\n  a: {fn::secret: \'x: y\'}\n  b:\n    fn::secret: |\n      line 1\n      line 2\n  c: {fn::secret: "1"}\n  d: {fn::secret: "tab\\there"}\n',
  )
  const second = await unsealSecrets('env', await sealed(first.text), open)
  assert.equal(second.text, first.text)
})

test('a secret means the same sealed and unsealed, dollars included', async () => {
  const text = 'values:\n  a: {fn::secret: "$$ $${x} $x a$$$$b"}\n'
  const plain = await evaluateText(text)
  const host = { crypter: { decrypt: async (payload: Uint8Array) => payload.slice(4) } }
  const opened = await evaluateText(await sealed(text), { host })
  const unsealed = await evaluateText((await unsealSecrets('env', await sealed(text), open)).text as string)
  assert.deepEqual(plain.values, { a: '$ ${x} $x a$$b' })
  assert.deepEqual(opened.values, plain.values)
  assert.deepEqual(unsealed.values, plain.values)
})

test('what cannot be sealed is refused, so that nothing readable stays behind', async () => {
  for (const secret of ['12', '${a}', '{nested: x}', '[x]', '~', '"a ${b}"']) {
    const { text, diagnostics } = await sealSecrets('env', `values:\n  a:\n    fn::secret: ${secret}\n`, seal)
    assert.equal(text, undefined)
    assert.deepEqual(
      diagnostics.map(({ message }) => message),
      ['secret values must be string literals'],
    )
  }
  const twoKeys = await sealSecrets('env', 'values:\n  a: {fn::secret: x, other: y}\n', seal)
  assert.match(twoKeys.diagnostics[0]?.message ?? '', /must be the only key/)
  assert.equal(twoKeys.text, undefined)
})

test('sealed secrets are listed with their places, and broken envelopes are reported there', async () => {
  const text = await sealed('values:\n  db: {password: {fn::secret: p}}\n  list: [{fn::secret: q}]\n')
  const { sealed: found, diagnostics } = listSealed(text)
  assert.deepEqual(
    found.map(({ path, range }) => [path, range.begin.line]),
    [
      ['values.db.password', 2],
      ['values.list[0]', 3],
    ],
  )
  assert.deepEqual(diagnostics, [])
  const broken = listSealed('values:\n  a: {fn::secret: {ciphertext: ZXNjeAAAAAHz}}\n  b: {fn::secret: {ciphertext: no}}\n')
  assert.deepEqual(
    broken.diagnostics.map(({ path, message }) => [path, message]),
    [
      ['values.a["fn::secret"].ciphertext', 'invalid ciphertext: EOF'],
      ['values.b["fn::secret"].ciphertext', 'invalid ciphertext: illegal base64 data at input byte 0'],
    ],
  )
})

test('payloads are replaced in place', async () => {
  const text = await sealed('values:\n  a: {fn::secret: one} # x\n  b: {fn::secret: two}\n')
  const replaced = replaceSealed(text, ({ path }) => (path === 'values.b' ? new TextEncoder().encode('0000anew') : undefined))
  assert.equal(shown(replaced), 'values:\n  a: {fn::secret: {one}} # x\n  b: {fn::secret: {anew}}\n')
})

test('imports are listed, those of inline references too', () => {
  const { document } = load(
    'env',
    'imports:\n  - a\n  - b: {merge: false}\n  - 1\nvalues:\n  x: ${environments.p.e.k}\n  y: {fn::toJSON: ["<${environments[\'p\']}>", "${environments.q[\\"r s\\"].z}"]}\n',
  )
  assert.ok(document)
  assert.deepEqual(
    importsOf(document).map(({ name, merge, declared }) => [name, merge, declared]),
    [
      ['a', true, true],
      ['b', false, true],
      ['p/e', false, false],
      ['q/r s', false, false],
    ],
  )
})

// --- paths ----------------------------------------------------------------------------------------------------------

function value(result: Result<string>): string {
  assert.ok(result.ok, JSON.stringify(result))
  return result.value
}

const DOCUMENT = `# head
values:
  a: 1 # one
  flow: {x: 1, y: [1, 2]}
  block:
    k: v

    text: |
      lines

  list:
    - first
    - n: 1
      m: 2
# tail
`

const SETS: readonly (readonly [string, string, Content, string, string])[] = [
  ['replaces a scalar and keeps its comment', 'a', 'two words', '  a: 1 # one', '  a: two words # one'],
  ['quotes what would mean something else', 'a', '12', '  a: 1 # one', '  a: "12" # one'],
  ['sets inside a flow mapping', 'flow.x', 'a, b', '{x: 1,', "{x: 'a, b',"],
  ['adds to a flow sequence', 'flow.y[2]', 3, '[1, 2]', '[1, 2, 3]'],
  ['adds a key to a flow mapping', 'flow.z', null, '[1, 2]}', '[1, 2], z: null}'],
  ['adds a key behind the last one of a block', 'block.new', true, '      lines\n\n', '      lines\n\n    new: true\n'],
  ['replaces a block scalar', 'block.text', 'short', '|\n      lines\n', 'short\n'],
  ['makes what is missing on the way', 'x.w["z z"]', [1], '      m: 2\n', '      m: 2\n  x:\n    w:\n      z z:\n        - 1\n'],
  ['replaces a list', 'list', 'gone', '  list:\n    - first\n    - n: 1\n      m: 2\n', '  list: gone\n'],
  ['sets inside a list', 'list[1].m', { k: 'v' }, 'm: 2', 'm: {k: v}'],
  ['adds an element', 'list[2]', 'third', '      m: 2\n', '      m: 2\n    - third\n'],
  ['writes a secret as plaintext to be sealed', 'a', new Secret('s$${x'), '  a: 1 # one', "  a: {fn::secret: 's$$$${x'} # one"],
]

for (const [what, path, content, from, to] of SETS) {
  test(`setPath ${what}`, () => {
    assert.equal(
      value(setPath(DOCUMENT, path, content)),
      DOCUMENT.replace(from, () => to),
    )
  })
}

test('setPath begins a document, a values section and an imports list', () => {
  assert.equal(value(setPath('', 'a.b', 1)), 'values:\n  a:\n    b: 1\n')
  assert.equal(value(setPath('imports: [x]', 'a', 1)), 'imports: [x]\nvalues:\n  a: 1')
  assert.equal(value(setPath('values:\n', 'a', 1)), 'values:\n  a: 1\n')
  assert.equal(value(setPath('values:\n  a: 1\n', 'imports[0]', 'base')), 'values:\n  a: 1\nimports:\n  - base\n')
  assert.equal(value(setPath('values: {}\n', 'a', 1)), 'values: {a: 1}\n')
})

test('a path that does not fit is refused with the reason', () => {
  const refusals: readonly (readonly [string, string, RegExp])[] = [
    ['a.b', 'PATH_INVALID', /values\.a is a number, not an object with a key b/],
    ['list[7]', 'PATH_INVALID', /values\.list is a list of 2, not a list with an element 7/],
    ['flow[0]', 'PATH_INVALID', /is an object, not a list/],
    ['new[2]', 'PATH_INVALID', /values\.new is no list yet, and its first place is \[0\]/],
    ['new.inner[0].more[1]', 'PATH_INVALID', /values\.new\.inner\[0\]\.more is no list yet/],
    ['list[2][1]', 'PATH_INVALID', /values\.list\[2\] is no list yet/],
    ['a..b', 'PATH_INVALID', /name is missing at character 3/],
    ['a["b', 'PATH_INVALID', /not closed/],
  ]
  for (const [path, code, message] of refusals) {
    const result = setPath(DOCUMENT, path, 1)
    assert.ok(!result.ok)
    assert.equal(result.problem.code, code)
    assert.match(result.problem.message, message)
  }
  for (const text of ['', 'values:\n', 'values:\n  new:\n']) assert.ok(!setPath(text, 'new[1]', 1).ok, text)
  const missing = getPath(DOCUMENT, 'nope.x')
  assert.ok(!missing.ok)
  assert.equal(missing.problem.code, 'LANG_PATH_MISSING')
  const unreadable = setPath('a: [', 'b', 1)
  assert.ok(!unreadable.ok)
  assert.equal(unreadable.problem.diagnostics?.length, 1)
})

const REMOVALS: readonly (readonly [string, string, string])[] = [
  ['a', '  a: 1 # one\n', ''],
  ['flow.x', 'x: 1, ', ''],
  ['flow.y', ', y: [1, 2]', ''],
  ['flow.y[0]', '1, 2', '2'],
  ['block.k', '    k: v\n', ''],
  ['list[0]', '    - first\n', ''],
  ['list[1].n', 'n: 1\n      ', ''],
  ['list[1]', '    - n: 1\n      m: 2\n', ''],
]

for (const [path, from, to] of REMOVALS) {
  test(`removePath takes ${path} away and nothing else`, () => {
    assert.equal(value(removePath(DOCUMENT, path)), DOCUMENT.replace(from, to))
  })
}

test('removePath takes entries with a question mark away whole', () => {
  const text = 'values:\n  a: 1\n  ? b\n  : 2\n  c:\n    d: 3\n  ? # why\n    e\n  : 4\n  f: 5\n'
  assert.equal(value(removePath(text, 'b')), text.replace('  ? b\n  : 2\n', ''))
  assert.equal(value(removePath(text, 'e')), text.replace('  ? # why\n    e\n  : 4\n', ''))
  assert.equal(value(removePath(text, 'c')), text.replace('  c:\n    d: 3\n', ''))
  assert.equal(value(removePath('values:\n  - ? a\n    : 1\n    ? b\n    : 2\n', '[0].a')), 'values:\n  - ? b\n    : 2\n')
})

test('dashes, colons and question marks in comments are not taken for those of the document', () => {
  const entries = 'values:\n  a: 1\n  # really?\n  b: 2\n  c: 3\n'
  assert.equal(value(removePath(entries, 'b')), entries.replace('  b: 2\n', ''))
  const elements = 'values:\n  a:\n    - 1\n    # up-to-date\n    - # x-y\n      2\n    - 3\n'
  assert.equal(value(removePath(elements, 'a[1]')), elements.replace('    - # x-y\n      2\n', ''))
  const commented = 'values:\n  a: # note: x-\n    b: 1\n  c: 2\n'
  assert.equal(value(setPath(commented, 'a', 'new')), commented.replace('b: 1', 'new'))
})

test('a key without a value is edited where it stands, not at what follows it', () => {
  const text = 'values:\n  x:\n    ? a\n  y: 1\n'
  assert.equal(value(setPath(text, 'x.b', 2)), text.replace('? a\n', '? a\n    b: 2\n'))
  assert.equal(value(removePath(text, 'x.a')), 'values:\n  x: {}\n  y: 1\n')
})

test('a value that says nothing still does when what follows it in brackets goes', () => {
  assert.equal(value(removePath('values: {a: {b: ,c: 1}}\n', 'a.c')), 'values: {a: {b: }}\n')
})

test('a collection that loses its last part stays, empty', () => {
  assert.equal(value(removePath('values:\n  a:\n    b: 1\n  c: 2\n', 'a.b')), 'values:\n  a: {}\n  c: 2\n')
  assert.equal(value(removePath('values:\n  a: [ 1 ]\n', 'a[0]')), 'values:\n  a: []\n')
})

test('getPath shows the text and the node', () => {
  const found = getPath(DOCUMENT, 'list[1]')
  assert.ok(found.ok)
  assert.equal(found.value.text, 'n: 1\n      m: 2')
  assert.equal(found.value.node.path, 'values.list[1]')
})

test('a rotated state is written back, secrets as secrets, and the rest of the text stays', async () => {
  const text =
    'values: # all\n  r:\n    fn::rotate::swap:\n      inputs: {}\n      state: {a: {fn::secret: one}, b: two} # kept\n  "odd key": {fn::rotate::echo: {inputs: {next: "n$$"}}}\n'
  const { document } = load('env', text)
  assert.ok(document)
  const { rotations } = await rotate(document, hostOf())
  const patches = rotations.flatMap((rotation) => (rotation.status === 'succeeded' ? [rotation.patch] : []))
  const patched = value(applyPatches(text, patches))
  assert.equal(
    patched,
    'values: # all\n  r:\n    fn::rotate::swap:\n      inputs: {}\n      state: {a: two, b: {fn::secret: one}} # kept\n  "odd key": {fn::rotate::echo: {inputs: {next: "n$$"}, state: {current: n$, previous: null}}}\n',
  )
  const { document: again, diagnostics } = load('env', patched)
  assert.ok(again)
  assert.deepEqual(diagnostics, [])
})

test('a mapping behind characters beyond the basic plane is replaced where it stands', () => {
  const text = 'values:\n  d: 👩👩👩\n  l:\n    - x\n    - f: y\n  z: 1\n'
  const set = setPath(text, 'l[1]', 7)
  assert.equal(set.ok ? set.value : '', 'values:\n  d: 👩👩👩\n  l:\n    - x\n    - 7\n  z: 1\n')
})
