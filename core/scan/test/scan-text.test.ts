import assert from 'node:assert/strict'
import { test } from 'node:test'
import { looksLikeSecretValue, maskSecret, redactSecrets, scanText } from '@headgate/scan'
import fc from 'fast-check'
import { dotenvText } from './dotenv-text.ts'
import { runs } from './runs.ts'

/** Put together on the spot, so that no scanner takes this file for a leak. */
const form = (...parts: readonly string[]) => parts.join('')
const letters = (count: number) => 'aB3dE5gH'.repeat(count).slice(0, count)

const KINDS: Readonly<Record<string, string>> = {
  'an AWS access key id': form('AK', 'IA', 'Q7'.repeat(8)),
  'a GitHub token': form('gh', 'p_', letters(36)),
  'a Slack token': form('xo', 'xb-123456789012-', letters(24)),
  'an OpenAI key': form('s', 'k-proj-', letters(40)),
  'an Anthropic key': form('s', 'k-ant-', letters(40)),
  'a Stripe key': form('s', 'k_live_', letters(24)),
  'a Google API key': form('AI', 'za', letters(35)),
  'a private key': form('-----BEGIN ', 'RSA PRIVATE KEY-----\n', letters(64), '\n-----END RSA PRIVATE KEY-----'),
  'a JSON web token': form('ey', 'J', letters(20), '.ey', 'J', letters(20), '.', letters(20)),
  'a password in a URL': 'postgres://me:Zq81xLm@db:5432/x',
  'a hash of a password': `$2b$10$${letters(53)}`,
}

for (const [kind, value] of Object.entries(KINDS)) {
  test(`${kind} is told by its looks, alone and inside other text`, () => {
    assert.equal(looksLikeSecretValue(value)?.kind, kind)
    const inside = `see "${value}" there`
    assert.deepEqual(
      scanText(inside).map((found) => found.kind),
      [kind],
    )
    assert.match(redactSecrets(inside), /^see ".*\[left out: .*" there$/s)
    assert.ok(!redactSecrets(inside).includes(value))
  })
}

test('a raw @ in a password belongs to the password', () => {
  const [found] = scanText('PG_URL=postgres://user:p@ss@w0rd@localhost:5432/db')
  assert.equal(found?.length, 'p@ss@w0rd'.length)
})

test('what merely looks random is no secret', () => {
  for (const value of ['9fceb02d0ae598e95dc970b74767f19372d61af8', 'sha256:3b1bd5b7f2f0', 'https://user@host/', 'v1.2.3', 'a:b']) {
    assert.equal(looksLikeSecretValue(value), undefined, value)
  }
})

test('a mask shows two characters of a long secret, and only the length of a short one', () => {
  assert.equal(maskSecret('0123456789abcdef'), '•••••• (16)')
  assert.equal(maskSecret('0123456789'), '•••••• (10)')
  assert.equal(maskSecret(''), '(empty)')
})

test('findings lie apart, in order, inside the text, and never throw', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(dotenvText, fc.constantFrom(...Object.values(KINDS))), { maxLength: 6 }), (parts) => {
      const text = parts.join('')
      let end = 0
      for (const { index, length } of scanText(text)) {
        assert.ok(index >= end && length > 0 && index + length <= text.length)
        end = index + length
      }
      redactSecrets(text)
    }),
    runs(300, 30_000),
  )
})
