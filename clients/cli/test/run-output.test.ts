import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { redactorFor } from '../src/run/redact-stream.ts'
import { formsOf } from '../src/run/secret-forms.ts'

const secret = 'p4ss w/rd+"quoted"\\ü'

/** What is shown of a text that arrives in these pieces. */
function shown(forms: readonly Buffer[], pieces: readonly Buffer[]): string {
  const redactor = redactorFor(forms)()
  return Buffer.concat([...pieces.map((piece) => redactor.take(piece)), redactor.end()]).toString()
}

test('a secret is hidden wherever the output is cut into pieces', () => {
  const text = Buffer.from(`before ${secret} between ${secret}${secret} after`)
  for (let first = 0; first <= text.length; first += 1) {
    for (const second of [first, Math.min(first + 3, text.length), text.length]) {
      const pieces = [text.subarray(0, first), text.subarray(first, second), text.subarray(second)]
      assert.equal(shown(formsOf(secret), pieces), 'before [secret] between [secret][secret] after', `${first} ${second}`)
    }
  }
  const bytes = [...text].map((_, n) => text.subarray(n, n + 1))
  assert.equal(shown(formsOf(secret), bytes), 'before [secret] between [secret][secret] after')
})

test('a secret is hidden in the spellings programs print it in', () => {
  const spellings = [
    JSON.stringify({ key: secret }),
    // As Python and PHP write JSON, and as Python and Node show texts.
    JSON.stringify({ key: secret }).replaceAll('ü', '\\u00fc'),
    JSON.stringify({ key: secret }).replaceAll('/', '\\/').replaceAll('ü', '\\u00fc'),
    inspect(secret),
    // As Python quotes URLs, and browsers whole ones.
    encodeURIComponent(secret).replaceAll('%2F', '/'),
    encodeURIComponent(secret).toLowerCase(),
    encodeURI(secret),
    `https://example.test/?q=${encodeURIComponent(secret)}`,
    `q=${new URLSearchParams({ q: secret }).toString()}`,
    Buffer.from(secret).toString('hex'),
    Buffer.from(secret).toString('base64'),
    ...['', 'a', 'ab', 'abc', 'user:'].map((before) => Buffer.from(`${before}${secret} and more`).toString('base64')),
    ...['', 'a', 'ab'].map((before) => Buffer.from(`${before}${secret}`).toString('base64url')),
  ]
  for (const spelling of spellings) {
    const hidden = shown(formsOf(secret), [Buffer.from(spelling)])
    assert.match(hidden, /\[secret\]/, spelling)
    assert.doesNotMatch(hidden, /p4ss|7034737/i, spelling)
  }
})

test('each line of a secret of several lines is hidden', () => {
  const key = '-----BEGIN-----\nfirst-line-of-it\nsecond-line-of-it\n-----END-----\n'
  const hidden = shown(formsOf(key), [Buffer.from('  first-line-of-it\r\n  second-line-of-it | x\n')])
  assert.equal(hidden, '  [secret]\r\n  [secret] | x\n')
})

test('nothing else is changed, whatever bytes it is made of, and nothing but a possible beginning is held back', () => {
  const bytes = Buffer.from(Array.from({ length: 4096 }, (_, n) => (n * 7919) % 256))
  const redactor = redactorFor(formsOf('zzzz-not-in-it'))()
  assert.deepEqual(Buffer.concat([redactor.take(bytes), redactor.end()]), bytes)
  const prompt = redactorFor(formsOf('secret-value'))()
  assert.equal(prompt.take(Buffer.from('password? ')).toString(), 'password? ')
  assert.equal(prompt.take(Buffer.from('this is sec')).toString(), 'this is ')
  assert.equal(prompt.take(Buffer.from('tion 9')).toString(), 'section 9')
})

test('of secrets that overlap or hold each other nothing is left', () => {
  const forms = ['abcdef', 'cdefgh', 'defg', 'abcdefghij-longer'].map((text) => Buffer.from(text))
  assert.equal(shown(forms, [Buffer.from('x abcdefgh y abcdefghij-longe z')]), 'x [secret] y [secret]ij-longe z')
  assert.equal(shown(forms, [Buffer.from('abcdefghij-longer')]), '[secret]')
})

test('what is too short to be told from chance is left alone', () => {
  assert.deepEqual(formsOf('abc'), [])
  assert.equal(shown(formsOf('abc'), [Buffer.from('abc')]), 'abc')
})
