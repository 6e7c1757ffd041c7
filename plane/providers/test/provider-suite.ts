import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { OutsideProviders } from '@headgate/providers'
import { makeProviders, openOne, plain } from './calling.ts'
import type { Double } from './double.ts'

/** One provider with the double it asks. */
export interface Case {
  readonly double: Double
  readonly inputs: unknown
  /** What it must give. */
  readonly value: unknown
  readonly secret: boolean | readonly string[]
  /** Texts that may stand in no error: credentials and values. */
  readonly secrets: readonly string[]
  /** Settings beyond the address of the double. */
  readonly settings?: Parameters<typeof makeProviders>[1]
}

/** What every provider that calls out must hold, whatever it talks to. */
export function providerSuite(name: string, prepare: (t: TestContext) => Promise<Case>): void {
  const start = async (t: TestContext, settings: Parameters<typeof makeProviders>[1] = {}) => {
    const one = await prepare(t)
    const providers = makeProviders(t, { addresses: [one.double.origin], ...one.settings, ...settings })
    return { ...one, providers }
  }
  const refused = async (one: Case & { providers: OutsideProviders }, expected: RegExp) => {
    const answer = await openOne(one.providers, name, one.inputs)
    assert.ok('failure' in answer, `${name} was expected to fail`)
    assert.match(answer.failure, expected)
    for (const secret of one.secrets) assert.ok(!answer.failure.includes(secret), 'a secret stands in the error')
  }

  test(`${name} gives what is there`, async (t) => {
    const one = await start(t)
    const answer = await openOne(one.providers, name, one.inputs)
    assert.ok(!('failure' in answer), JSON.stringify(answer))
    assert.deepEqual(plain(answer.value), one.value)
    assert.deepEqual(answer.secret instanceof Set ? [...answer.secret] : answer.secret, one.secret)
  })

  test(`${name} tries again after a passing fault`, async (t) => {
    const one = await start(t)
    one.double.misbehave({ status: 503 }, 'reset')
    const answer = await openOne(one.providers, name, one.inputs)
    assert.ok(!('failure' in answer), JSON.stringify(answer))
  })

  for (const [how, expected] of [
    ['hang', /did not answer within 0\.3 s/],
    ['reset', /./],
    ['break-off', /./],
    [{ status: 500 }, /500/],
    [{ status: 403 }, /403/],
    ['garbage', /./],
    ['redirect', /redirect|302/],
  ] as const)
    test(`${name} says in words, without a secret, that it met: ${JSON.stringify(how)}`, async (t) => {
      const one = await start(t)
      one.double.misbehaveAlways(how)
      await refused(one, expected)
      assert.ok(one.double.asked.length <= 3 * 4, 'the requests are bounded')
      assert.ok(one.double.asked.every(({ headers }) => !headers.host?.startsWith('169.254')))
    })

  test(`${name} leaves a place alone that fails again and again, and asks it again later`, async (t) => {
    const one = await start(t, { limits: { attemptMs: 300, retries: 0, breakAfter: 2, breakMs: 150 } })
    one.double.misbehaveAlways({ status: 500 })
    for (let i = 0; i < 3; i += 1) await openOne(one.providers, name, one.inputs)
    const before = one.double.asked.length
    await refused(one, /left alone/)
    assert.equal(one.double.asked.length, before, 'it was not asked')
    await new Promise((resolve) => setTimeout(resolve, 200))
    await openOne(one.providers, name, one.inputs)
    assert.ok(one.double.asked.length > before, 'it was asked again')
  })

  test(`${name} calls nothing that the operator does not list`, async (t) => {
    const one = await start(t, { addresses: ['https://vault.example.org'] })
    await refused(one, /operator does not allow calls to http:\/\/127\.0\.0\.1|over https only/)
    assert.equal(one.double.asked.length, 0)
  })

  test(`${name} ends when the run is aborted`, async (t) => {
    const one = await start(t, { limits: { attemptMs: 60_000, retries: 2, breakAfter: 100, breakMs: 200 } })
    one.double.misbehaveAlways('hang')
    const abort = new AbortController()
    const opening = openOne(one.providers, name, one.inputs, abort.signal)
    setTimeout(() => abort.abort(new Error('enough')), 50)
    await assert.rejects(opening)
  })
}
