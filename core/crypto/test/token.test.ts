import assert from 'node:assert/strict'
import { createSecretKey, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { mintToken, parseToken, tokenDigest, tokenKinds } from '@headgate/crypto'
import fc from 'fast-check'

test('a token shows its kind and parses, for every kind and any random bytes', () => {
  fc.assert(
    fc.property(fc.constantFrom(...tokenKinds), fc.uint8Array({ minLength: 32, maxLength: 32 }), (kind, random) => {
      const token = mintToken(kind, random).reveal()
      assert.match(token, new RegExp(`^hg_${kind}_[0-9A-Za-z]{49}$`))
      assert.equal(parseToken(token), kind)
    }),
  )
})

test('a mistake in any one character is caught by the checksum', () => {
  const token = mintToken('user').reveal()
  for (let place = 0; place < token.length; place += 1) {
    for (const character of ['0', 'z', '_', 'é', ' ']) {
      if (token[place] === character) continue
      assert.equal(parseToken(token.slice(0, place) + character + token.slice(place + 1)), undefined, `place ${place}`)
    }
  }
  for (const wrong of ['', ` ${token}`, `${token}\n`, token.toUpperCase(), token.slice(0, -1), `${token}0`])
    assert.equal(parseToken(wrong), undefined)
})

test('there is one way to write a token: a number of more than 256 bits is none', () => {
  assert.equal(parseToken(`hg_user_${'z'.repeat(43)}000000`), undefined)
})

test('tokens are Secrets, and no two are alike', () => {
  const tokens = Array.from({ length: 100 }, () => mintToken('machine'))
  assert.equal(String(tokens[0]), '[secret]')
  assert.equal(new Set(tokens.map((token) => token.reveal())).size, 100)
})

test('a digest depends on the token and on the key', () => {
  const [key, otherKey] = [createSecretKey(randomBytes(32)), createSecretKey(randomBytes(32))]
  const token = mintToken('user').reveal()
  assert.deepEqual(tokenDigest(key, token), tokenDigest(key, token))
  assert.notDeepEqual(tokenDigest(key, token), tokenDigest(otherKey, token))
  assert.notDeepEqual(tokenDigest(key, token), tokenDigest(key, mintToken('user').reveal()))
  assert.equal(tokenDigest(key, token).length, 32)
})
