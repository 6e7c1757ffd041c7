import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { contentHash, detailsDigest, equalBytes, revisionHash } from '@headgate/crypto'
import fc from 'fast-check'

const revision = fc.record({
  environment: fc.string(),
  number: fc.nat(),
  text: fc.string(),
  previous: fc.option(fc.uint8Array({ minLength: 32, maxLength: 32 })),
})

test('a revision hash is the SHA-256 of the bytes FORMAT.md lists', () => {
  const text = 'values:\n  a: 1\n'
  const expected = createHash('sha256')
    .update('headgate revision 1\0')
    .update(Uint8Array.of(0, 0, 0, 3))
    .update('e-1')
    .update(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 9))
    .update(Uint8Array.of(0, 0, 0, 32))
    .update(new Uint8Array(32).fill(7))
    .update(Uint8Array.of(0, 0, 0, text.length))
    .update(text)
    .digest()
  assert.deepEqual(revisionHash({ environment: 'e-1', number: 9, text, previous: new Uint8Array(32).fill(7) }), expected)
})

test('two different revisions have different hashes', () => {
  const comparable = ({ previous, ...rest }: { previous: Uint8Array | null }) => JSON.stringify([rest, previous && [...previous]])
  fc.assert(
    fc.property(revision, revision, (left, right) => {
      assert.equal(equalBytes(revisionHash(left), revisionHash(right)), comparable(left) === comparable(right))
    }),
  )
})

test('the same details have another digest under another salt', () => {
  const details = Buffer.from('{}')
  assert.notDeepEqual(detailsDigest(new Uint8Array(32), details), detailsDigest(new Uint8Array(32).fill(1), details))
  assert.deepEqual(contentHash(details), createHash('sha256').update(details).digest())
})
