import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { KEY_LENGTH, type Resealing, type SecretKey, open, seal, sealKeyId, secretKey } from '@headgate/crypto'
import { type Resealer, createThreadResealer, onThisThread } from '../src/rotation/resealer.ts'

const keyNamed = (id: string): SecretKey => secretKey(id, randomBytes(KEY_LENGTH))
const olds = [keyNamed('00000000000000a1'), keyNamed('00000000000000a2')]
const news = [keyNamed('00000000000000b1'), keyNamed('00000000000000b2')]

/** Values of two organisations, by turns; the first one is empty. */
function valuesUnderOldKeys(count: number): { readonly plaintext: Buffer; readonly resealing: Resealing }[] {
  return Array.from({ length: count }, (_, n) => {
    const context = { organisation: `o-${n % 2}`, environment: `é-${n}`, type: 'secret', id: String(n) }
    const plaintext = randomBytes(n)
    const [from, to] = [olds[n % 2] as SecretKey, news[n % 2] as SecretKey]
    return { plaintext, resealing: { context, sealed: seal(from, context, plaintext), from, to } }
  })
}

const makers: Readonly<Record<string, () => Resealer>> = { 'this thread': () => onThisThread, 'a thread of its own': createThreadResealer }

for (const [name, make] of Object.entries(makers)) {
  const resealer = (t: TestContext): Resealer => {
    const made = make()
    t.after(() => made.close())
    return made
  }

  test(`${name} seals every value anew for its own place under its new key, in the order given`, async (t) => {
    const { reseal } = resealer(t)
    const pages = [valuesUnderOldKeys(120), [], valuesUnderOldKeys(1), valuesUnderOldKeys(70)]
    // All at once: what is asked for first is answered first.
    const answers = await Promise.all(pages.map((page) => reseal(page.map(({ resealing }) => resealing))))
    for (const [n, page] of pages.entries()) {
      assert.equal(answers[n]?.length, page.length)
      for (const [m, { plaintext, resealing }] of page.entries()) {
        const sealed = answers[n]?.[m] as Uint8Array
        assert.equal(sealKeyId(sealed, resealing.context), resealing.to.id)
        const opened = open((id) => (id === resealing.to.id ? resealing.to : undefined), resealing.context, sealed)
        assert.deepEqual(Buffer.from(opened), plaintext)
      }
    }
  })

  test(`${name} says which value does not open, and goes on with others`, async (t) => {
    const { reseal } = resealer(t)
    const values = valuesUnderOldKeys(9).map(({ resealing }) => resealing)
    const moved = { ...(values[5] as Resealing), context: { ...(values[5] as Resealing).context, environment: 'elsewhere' } }
    const [refused, taken] = await Promise.allSettled([reseal(values.toSpliced(5, 1, moved)), reseal(values)])
    assert.equal(refused.status, 'rejected')
    assert.deepEqual(refused.reason.problem.code, 'SEAL_TAMPERED')
    assert.deepEqual(refused.reason.problem.details, { type: 'secret', id: '5' })
    assert.equal(taken.status, 'fulfilled')
    const unknown = values.with(2, { ...(values[2] as Resealing), from: news[0] as SecretKey })
    await assert.rejects(reseal(unknown), { code: 'KEY_UNKNOWN' })
  })
}

test('a thread of its own is what does the work', async () => {
  let answered = 0
  process.once('worker', (thread) => thread.on('message', () => (answered += 1)))
  const resealer = createThreadResealer()
  await resealer.reseal(valuesUnderOldKeys(3).map(({ resealing }) => resealing))
  await resealer.close()
  assert.equal(answered, 1)
})

test('what a thread has not answered when it ends is done without it, and so is all that comes after', async () => {
  const resealer = createThreadResealer()
  const values = valuesUnderOldKeys(300).map(({ resealing }) => resealing)
  const asked = Promise.all([resealer.reseal(values), resealer.reseal(values)])
  await resealer.close()
  const answers = [...(await asked), await resealer.reseal(values)]
  for (const answer of answers)
    assert.deepEqual(
      answer.map((sealed) => sealKeyId(sealed, { type: '', id: '' })),
      values.map(({ to }) => to.id),
    )
})
