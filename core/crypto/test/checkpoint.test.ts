import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { checkpointSigner, openCheckpoint, verifierKey } from '@headgate/crypto'

const signer = checkpointSigner('headgate/00aa', randomBytes(32))
const checkpoint = { origin: 'headgate/00aa', size: 70_004, root: randomBytes(32) }
const reopen = (note: string) => openCheckpoint(note, signer.name, signer.publicKey)

test('a signed checkpoint opens with its key, and says what was signed', () => {
  const note = signer.sign(checkpoint)
  assert.deepEqual(reopen(note), checkpoint)
  assert.match(note, /^headgate\/00aa\n70004\n[A-Za-z0-9+/]{43}=\n\n\u2014 headgate\/00aa [A-Za-z0-9+/=]+\n$/)
})

test('any changed character of the note is refused', () => {
  const note = signer.sign(checkpoint)
  for (let place = 0; place < note.length; place += 1) {
    for (const character of ['A', '7', '\n', ' ', '=']) {
      if (note[place] === character) continue
      assert.equal(reopen(note.slice(0, place) + character + note.slice(place + 1)), undefined, `place ${place}`)
    }
    assert.equal(reopen(note.slice(0, place)), undefined)
  }
  for (const wrong of ['', `${note}\n`, ` ${note}`, note.replace('70004', '070004'), note.replaceAll('\n', '\r\n')])
    assert.equal(reopen(wrong), undefined)
})

test('the signature is bound to the name and the key', () => {
  const note = signer.sign(checkpoint)
  const other = checkpointSigner('headgate/00aa', randomBytes(32))
  assert.equal(openCheckpoint(note, 'headgate/00aa', other.publicKey), undefined)
  assert.equal(openCheckpoint(note, 'headgate/00ab', signer.publicKey), undefined)
})

test('the verifier key is the one of the signed-note format', () => {
  // The example of the Go package golang.org/x/mod/sumdb/note.
  const known = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
  const publicKey = Buffer.from('ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW', 'base64').subarray(1)
  assert.equal(verifierKey('PeterNeumann', publicKey), known)
})
