import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Result, Secret, ok, refuse } from '@headgate/model'
import type { PlaneClient } from '@headgate/sdk/http'
import { changeText } from '../src/environment/change-text.ts'
import { assertOnlyThere } from '../src/environment/only-there.ts'
import { removePathEdit, setPathEdit } from '../src/environment/path-edit.ts'
import type { CommandEnded } from '../src/outcome.ts'

const name = { organisation: 'main', project: 'shop', environment: 'dev' }
const START = '# kept\nvalues:\n  a: 1   # kept too\n  b: two\n'

/** Two routes of a plane: reading and saving one environment. `before` runs ahead of every save, as somebody else would. */
function environmentOf(text: string, before: (plane: { text: string; revision: number }, save: number) => void = () => {}) {
  const plane = { text, revision: 1 }
  let saves = 0
  const call = async (route: string, input: { body?: { text: string; expected: number } }): Promise<Result<unknown>> => {
    if (route === 'readEnvironment') return ok({ environment: 'shop/dev', revision: plane.revision, text: plane.text })
    before(plane, (saves += 1))
    const { text: saved = '', expected = 0 } = input.body ?? {}
    if (expected !== plane.revision) return refuse('REVISION_CONFLICT', { environment: 'shop/dev', expected, actual: plane.revision })
    plane.text = saved
    plane.revision += 1
    return ok({ environment: 'shop/dev', revision: plane.revision, hash: '', diagnostics: [] })
  }
  return { plane, client: { url: '', call } as unknown as PlaneClient, saves: () => saves }
}

function somebodySaves(plane: { text: string; revision: number }, text: string): void {
  plane.text = text
  plane.revision += 1
}

test('one value changes and every other byte stays', async () => {
  const { plane, client } = environmentOf(START)
  const { changed, revision } = await changeText(client, name, setPathEdit(name, 'a', 2))
  assert.deepEqual([changed, revision], [true, 2])
  assert.equal(plane.text, START.replace('a: 1', 'a: 2'))
})

test('what stands there already makes no revision, however it is written', async () => {
  for (const [path, value] of [
    ['a', 1],
    ['b', 'two'],
    ['c', null],
  ] as const) {
    const { client, saves } = environmentOf(`${START}  c: ~\n`)
    assert.equal((await changeText(client, name, setPathEdit(name, path, value))).changed, false)
    assert.equal(saves(), 0)
  }
})

test('the number 1 and the text "1" are not the same', async () => {
  const { client, plane } = environmentOf(START)
  assert.equal((await changeText(client, name, setPathEdit(name, 'a', '1'))).changed, true)
  assert.match(plane.text, /a: ["']1["']/)
})

test('somebody saves elsewhere in between: the change is made again on theirs', async () => {
  const theirs = START.replace('b: two', 'b: three')
  const { plane, client, saves } = environmentOf(START, (now, save) => save === 1 && somebodySaves(now, theirs))
  const { revision } = await changeText(client, name, setPathEdit(name, 'a', 2))
  assert.deepEqual([revision, saves()], [3, 2])
  assert.equal(plane.text, theirs.replace('a: 1', 'a: 2'))
})

test('somebody changes the very value in between: refused, naming both revisions, and theirs stays', async () => {
  const theirs = START.replace('a: 1', 'a: 5')
  const { plane, client } = environmentOf(START, (now, save) => save === 1 && somebodySaves(now, theirs))
  await assert.rejects(changeText(client, name, setPathEdit(name, 'a', 2)), ({ problem }: CommandEnded) => {
    assert.deepEqual([problem.code, problem.details['expected'], problem.details['actual']], ['REVISION_CONFLICT', 1, 2])
    return true
  })
  assert.equal(plane.text, theirs)
})

test('somebody removes what is to be removed in between: refused, as it is not the same any more', async () => {
  const { client } = environmentOf(START, (now, save) => save === 1 && somebodySaves(now, START.replace('  b: two\n', '')))
  await assert.rejects(
    changeText(client, name, removePathEdit(name, 'b')),
    ({ problem }: CommandEnded) => problem.code === 'REVISION_CONFLICT',
  )
})

test('where others are always faster it is given up, not tried for ever', async () => {
  let others = 0
  const { client, saves } = environmentOf(START, (now) => somebodySaves(now, START.replace('two', `by others ${(others += 1)}`)))
  await assert.rejects(
    changeText(client, name, setPathEdit(name, 'a', 2)),
    ({ problem }: CommandEnded) => problem.code === 'REVISION_CONFLICT',
  )
  assert.ok(saves() > 1 && saves() < 20, `${saves()} attempts`)
})

test('removing what is not there is refused with the name of the environment', async () => {
  const { client } = environmentOf(START)
  await assert.rejects(changeText(client, name, removePathEdit(name, 'nothing')), ({ problem }: CommandEnded) => {
    assert.deepEqual([problem.code, problem.message], ['PATH_NOT_FOUND', 'shop/dev has nothing at nothing'])
    return true
  })
})

test('the first values of a new environment get lines of their own', async () => {
  const { plane, client } = environmentOf('values: {}\n')
  await changeText(client, name, setPathEdit(name, 'api.key', new Secret('example')))
  assert.equal(plane.text, 'values:\n  api:\n    key:\n      fn::secret: example\n')
})

test('an edit that would change anything else is a bug of ours, and nothing is saved', () => {
  const before = 'values:\n  a: 1\n  b:\n    c: 2\n  list: [1, 2, 3]\n'
  const unharmed: [string, string, string][] = [
    ['a', before, before.replace('a: 1', 'a: 2')],
    ['b', before, before.replace('b:\n    c: 2', 'b: 5')],
    ['b.d', before, before.replace('c: 2', 'c: 2\n    d: 3')],
    ['list[0]', before, before.replace('[1, 2, 3]', '[2, 3]')],
    ['x.y', 'values: {}\n', 'values:\n  x:\n    y: 1\n'],
  ]
  for (const [path, was, is] of unharmed) assertOnlyThere(was, is, [path])
  assert.throws(() => assertOnlyThere(before, before.replace('c: 2', 'c: 2\n    d: 3'), ['a']), /values\.b\.d/)
  assert.throws(() => assertOnlyThere(before, before.replace('  a: 1\n', ''), ['b']), /values\.a/)
})

test('what is set beside a map stands beside it, and what is removed takes nothing along', async () => {
  const text = 'values:\n  a:\n    b:\n      c: 1\n  # about d\n  d: 2\n'
  const set = environmentOf(text)
  await changeText(set.client, name, setPathEdit(name, 'a.x', 5))
  assert.equal(set.plane.text, text.replace('c: 1\n', 'c: 1\n    x: 5\n'))
  const removed = environmentOf(text)
  await changeText(removed.client, name, removePathEdit(name, 'a'))
  assert.equal(removed.plane.text, 'values:\n  # about d\n  d: 2\n')
})
