import assert from 'node:assert/strict'
import { test } from 'node:test'
import { carryStates, changedStates, listRotators } from '@headgate/lang'

const BEFORE = `values:
  db:
    fn::rotate::made-up:
      inputs: {user: app, pool: 5}
      state: {password: old}
  list:
    - fn::rotate: {provider: other, inputs: {}}
`
const AFTER = BEFORE.replace('password: old', 'password: {fn::secret: {ciphertext: ZXNjeAAA}}').replace(
  'inputs: {}',
  'inputs: {}, state: {n: 1.5}',
)

test('the rotators of a text are found with the place of their state, also where there is none yet', () => {
  assert.deepEqual(
    listRotators(BEFORE).map(({ path, statePath }) => [path, statePath]),
    [
      ['values.db', 'values.db["fn::rotate::made-up"].state'],
      ['values.list[0]', 'values.list[0]["fn::rotate"].state'],
    ],
  )
  assert.deepEqual(listRotators('values: ['), [])
  assert.deepEqual(listRotators('imports: [a]\n'), [])
})

test('a state is laid over another text where the same rotator asks for the same, and no other byte of it changes', () => {
  const newest = `# kept\n${BEFORE.replace('{user: app, pool: 5}', '\n        user: app # laid out otherwise\n        pool: 5')}  more: "1"   # kept\n`
  const { text, left } = carryStates(AFTER, newest, ['values.db', 'values.list[0]'])
  assert.deepEqual(left, [])
  assert.deepEqual(changedStates(newest, text), ['values.db', 'values.list[0]'])
  assert.match(text, /ciphertext: ZXNjeAAA/)
  assert.match(text, /"n": 1\.5\}/)
  assert.match(text, /^# kept\n/)
  assert.match(text, /user: app # laid out otherwise\n/)
  assert.match(text, / {2}more: "1" {3}# kept\n$/)
})

test('a state whose rotator is gone, is another one, or asks for something else is left out and named', () => {
  for (const change of [
    (text: string) => text.replace('made-up', 'another'),
    (text: string) => text.replace('pool: 5', 'pool: 6'),
    (text: string) => text.replace('  db:', '  database:'),
    (text: string) => text.replace('fn::rotate::made-up', 'fn::open::made-up'),
  ]) {
    const newest = change(BEFORE)
    const { text, left } = carryStates(AFTER, newest, ['values.db', 'values.list[0]'])
    assert.deepEqual(left, ['values.db'])
    assert.deepEqual(changedStates(newest, text), ['values.list[0]'])
  }
  assert.deepEqual(carryStates(AFTER, 'values: [', ['values.db']), { text: 'values: [', left: ['values.db'] })
})

test('only states that differ count as changed', () => {
  assert.deepEqual(changedStates(BEFORE, BEFORE), [])
  assert.deepEqual(changedStates(BEFORE, AFTER), ['values.db', 'values.list[0]'])
  assert.deepEqual(changedStates('', AFTER), ['values.db', 'values.list[0]'])
})
