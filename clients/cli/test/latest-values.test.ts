import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Result, ok, refuse } from '@headgate/model'
import { LatestValues } from '../src/run/latest-values.ts'
import type { Opened } from '../src/run/opened.ts'

function opened(revision: number, value: string): Opened {
  return {
    environment: 'shop/dev',
    revision,
    closure: [],
    values: {},
    secrets: [],
    variables: [{ name: 'A', value, secret: false }],
    files: [],
    diagnostics: [],
  }
}

/** Values whose questions to the plane are answered, and whose waits end, when the test says so. */
function follow({ onlyRises = true } = {}) {
  const questions: PromiseWithResolvers<Result<Opened>>[] = []
  const pauses: PromiseWithResolvers<void>[] = []
  const reasons: string[] = []
  const given: number[] = []
  const waiting = <T>(list: PromiseWithResolvers<T>[]): Promise<T> => {
    const one = Promise.withResolvers<T>()
    list.push(one)
    return one.promise
  }
  const values = new LatestValues({
    opened: opened(1, 'one'),
    onlyRises,
    open: () => waiting(questions),
    given: (next) => given.push(next.revision),
    degraded: (reason) => reasons.push(reason),
    pause: () => waiting(pauses),
  })
  return { values, questions, pauses, reasons, given }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('values that come with the change are the next ones, and nobody is asked', async () => {
  const { values, questions } = follow()
  const next = values.next()
  values.take(opened(2, 'one'))
  values.take(opened(3, 'three'))
  assert.equal((await next).revision, 3, 'the second changed nothing of the program')
  assert.equal(questions.length, 0)
})

test('what changes while nobody waits is told as soon as somebody does', async () => {
  const { values, given } = follow()
  const next = values.next()
  values.take(opened(2, 'two'))
  assert.equal((await next).revision, 2)
  values.take(opened(3, 'three'))
  assert.equal((await values.next()).revision, 3)
  values.take(opened(4, 'four'))
  assert.equal(values.latest().revision, 4)
  const later = values.next()
  values.take(opened(5, 'five'))
  assert.equal((await later).revision, 5, 'what was taken as the latest is not told again')
  assert.deepEqual(given, [2, 3, 4, 5])
})

test('values that come while an answer is on the way make it be asked again', async () => {
  const { values, questions } = follow()
  const next = values.next()
  values.look()
  values.take(opened(3, 'three'))
  questions[0]?.resolve(ok(opened(1, 'one')))
  await settled()
  questions[1]?.resolve(ok(opened(3, 'three')))
  assert.equal((await next).revision, 3)
  assert.equal(questions.length, 2)
})

test('an older revision is asked about where the newest is followed, and taken where a tag may move back', async () => {
  const rising = follow()
  rising.values.take(opened(5, 'five'))
  rising.values.take(opened(4, 'four'))
  assert.equal(rising.questions.length, 1)
  const tagged = follow({ onlyRises: false })
  tagged.values.take(opened(5, 'five'))
  tagged.values.take(opened(4, 'four'))
  assert.deepEqual([(await tagged.values.next()).revision, tagged.questions.length], [4, 0])
})

test('what is not an opened environment is asked for', () => {
  const { values, questions } = follow()
  values.take({ revision: 2 } as Opened)
  assert.equal(questions.length, 1)
})

test('a failed question is asked again after a while, unless the values come by themselves', async () => {
  const { values, questions, pauses, reasons } = follow()
  const next = values.next()
  values.look()
  questions[0]?.resolve(refuse('PLANE_NOT_READY', { reason: 'a test' }))
  await settled()
  assert.equal(reasons.length, 1)
  pauses[0]?.resolve()
  await settled()
  questions[1]?.resolve(refuse('PLANE_NOT_READY', { reason: 'a test' }))
  await settled()
  values.take(opened(2, 'two'))
  assert.equal((await next).revision, 2)
  pauses[1]?.resolve()
  await settled()
  assert.equal(questions.length, 2, 'there is nothing left to ask for')
  values.look()
  assert.equal(questions.length, 3, 'and later changes are asked about')
})
