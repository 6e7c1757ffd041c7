import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { exportedValue, type Rotator } from '@headgate/lang'
import { type NamedProviders, startBackground } from '@headgate/operations'
import { groundIn, openPlane } from '../../tools/torture/store/plane-at.ts'
import { runProcess } from '../child-process.ts'
import { eventually } from '../eventually.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { type ServedPlane, codeOf, main, need, servePlane } from './served-plane.ts'

const params = main('shop', 'dev')
const TEXT = 'values:\n  db:\n    fn::rotate::made-up:\n      inputs: {user: app}\n      state: {password: {fn::secret: old}}\n'

/** A rotator that makes one password after another, and does something of the test's while it is at it. */
function making(during: (count: number) => Promise<void>): () => NamedProviders {
  let count = 0
  const rotator: Rotator = {
    schema: () => ({ inputs: true, state: true, outputs: true }),
    open: async (_inputs, state) => exportedValue(state),
    rotate: async () => {
      const own = (count += 1)
      await during(own)
      return { password: exportedValue(`new-${own}`, { secret: true }) }
    },
  }
  return () => ({
    providerNames: [],
    rotatorNames: ['made-up'],
    provider: (name) => ({ failure: `unknown provider ${name}` }),
    rotator: (name) => (name === 'made-up' ? rotator : { failure: `unknown rotator ${name}` }),
  })
}

async function make(plane: ServedPlane, text = TEXT): Promise<void> {
  need(await plane.owner.call('createEnvironment', { params, body: { text } }))
}

async function save(plane: ServedPlane, change: (text: string) => string): Promise<number> {
  const head = need(await plane.owner.call('readEnvironment', { params }))
  const body = { text: change(head.text), expected: head.revision }
  return need(await plane.owner.call('saveEnvironment', { params, body })).revision
}

async function valuesOf(plane: ServedPlane): Promise<unknown> {
  return need(await plane.owner.call('openEnvironment', { params })).values
}

const rotateNow = (plane: ServedPlane) => plane.owner.call('rotateEnvironment', { params, body: {} })

test('whoever saves while secrets are rotated keeps their change, and the new secret is in it', async (t) => {
  const plane = await servePlane(t, {
    providers: making(async () => {
      await save(plane, (text) => text.replace('values:\n', 'values:\n  added: 1\n'))
      await save(plane, (text) => `# looked after\n${text}`)
    }),
  })
  await make(plane)
  const rotated = need(await rotateNow(plane))
  assert.deepEqual([rotated.status, rotated.before, rotated.after, rotated.diagnostics], ['succeeded', 1, 4, []])
  assert.deepEqual(await valuesOf(plane), { added: 1, db: { password: 'new-1' } })
  assert.match(need(await plane.owner.call('readEnvironment', { params })).text, /^# looked after\n/)
  assert.deepEqual(need(await plane.owner.call('listDrafts', { params })).drafts, [])
  assert.deepEqual(need(await plane.owner.call('verifyAudit', {})).findings, [])
})

for (const [what, change] of [
  ['is gone', (text: string) => text.replace(/ {2}db:[\s\S]*$/, '  other: 1\n')],
  ['asks for something else', (text: string) => text.replace('user: app', 'user: admin')],
  ['is another one', (text: string) => text.replace('fn::rotate::made-up', 'fn::rotate::other')],
] as const) {
  test(`a new secret whose rotator ${what} by then waits in a draft, and is told of everywhere`, async (t) => {
    const plane = await servePlane(t, {
      providers: () => {
        const known = making(async (count) => void (count === 1 && (await save(plane, change))))()
        const rotator = known.rotator('made-up')
        return { ...known, rotatorNames: ['made-up', 'other'], rotator: () => rotator }
      },
    })
    await make(plane)
    const rotated = need(await rotateNow(plane))
    const [outcome] = rotated.outcome
    assert.deepEqual([rotated.status, rotated.after, outcome?.status], ['failed', undefined, 'kept'])
    assert.match(outcome?.message ?? '', new RegExp(`revision 2 .* in the draft ${rotated.draft}`))
    assert.deepEqual(
      rotated.diagnostics.filter(({ code }) => code === 'ROTATE_KEPT').map(({ severity }) => severity),
      ['warning'],
    )
    const [draft] = need(await plane.owner.call('listDrafts', { params })).drafts
    assert.deepEqual([draft?.draft, draft?.kind, draft?.state], [rotated.draft, 'rotation', 'submitted'])
    const text = need(await plane.owner.call('readDraft', { params: { ...params, draft: rotated.draft ?? '' } })).text
    assert.match(text, /state: \{?password|state:\n/)
    assert.doesNotMatch(text, /new-1/)
    const { session } = need(await plane.owner.call('createOpenSession', { params, body: { draft: rotated.draft ?? '' } }))
    const opened = need(await plane.owner.call('readOpenSession', { params: { ...params, session }, query: { path: 'db.password' } }))
    assert.match(JSON.stringify(opened.evaluation), /"new-1"/)

    const apply = { params: { draft: rotated.draft ?? '' }, body: {} }
    assert.equal(codeOf(await plane.owner.call('applyDraft', apply)), 'ROTATE_KEPT')
    await save(plane, () => TEXT)
    const applied = need(await plane.owner.call('applyDraft', apply))
    assert.deepEqual([applied.state, applied.revision], ['applied', 4])
    assert.deepEqual(await valuesOf(plane), { db: { password: 'new-1' } })
    const { records } = need(await plane.owner.call('listAudit', { query: { action: 'environment.rotate.settle' } }))
    assert.equal(records.length, 1)
  })
}

test('of two new secrets the one with a place is in the next revision, and the other alone waits', async (t) => {
  const second = '  second:\n    fn::rotate::made-up: {inputs: {user: other}, state: {password: {fn::secret: old}}}\n'
  const plane = await servePlane(t, {
    providers: making(async (count) => void (count === 1 && (await save(plane, (text) => text.replace(/ {2}second:[\s\S]*$/, ''))))),
  })
  await make(plane, `${TEXT}${second}`)
  const rotated = need(await rotateNow(plane))
  assert.deepEqual([rotated.status, rotated.after, rotated.outcome.map(({ status }) => status)], ['failed', 3, ['succeeded', 'kept']])
  const { db } = (await valuesOf(plane)) as { db: { password: string } }
  // Rotated again before somebody looks after the other: what waits must not bring the older state back.
  assert.equal(need(await rotateNow(plane)).after, 4)
  await save(plane, (text) => `${text}${second}`)
  need(await plane.owner.call('applyDraft', { params: { draft: rotated.draft ?? '' }, body: {} }))
  const values = (await valuesOf(plane)) as Record<string, { password: string }>
  assert.deepEqual([values['db']?.password, values['second']?.password], ['new-3', db.password === 'new-1' ? 'new-2' : 'new-1'])
})

test('a path without a rotator is told of, and nothing is rotated', async (t) => {
  const plane = await servePlane(t, { providers: making(async () => assert.fail('it was asked')) })
  await make(plane)
  const asked = await plane.owner.call('rotateEnvironment', { params, body: { paths: ['db', 'nowhere'] } })
  assert.equal(codeOf(asked), 'ROTATE_FAILED')
  assert.deepEqual(asked.ok ? [] : asked.problem.diagnostics?.map(({ message }) => message), ['there is no rotator at values.nowhere'])
})

test('two rotations of one environment do not run at once', async (t) => {
  const plane = await servePlane(t, {
    providers: making(async (count) => {
      if (count > 1) return
      assert.equal(codeOf(await rotateNow(plane)), 'ROTATE_UNDER_WAY')
      const [journal] = need(await plane.owner.call('listDrafts', { params })).drafts
      const asked = { params: { draft: journal?.draft ?? '' }, body: {} }
      assert.equal(codeOf(await plane.owner.call('closeDraft', asked)), 'ROTATE_UNDER_WAY')
      assert.equal(codeOf(await plane.owner.call('applyDraft', asked)), 'ROTATE_UNDER_WAY')
      const [rotation] = need(await plane.owner.call('listRotations', { params })).rotations
      assert.deepEqual([rotation?.status, rotation?.ended], ['under-way', undefined])
    }),
  })
  await make(plane)
  need(await rotateNow(plane))
  assert.equal(need(await rotateNow(plane)).after, 3)
})

test('a rotator that fails after another one succeeded loses nothing of it', async (t) => {
  const plane = await servePlane(t, {
    providers: making(async (count) => {
      if (count === 2) throw new Error('the rotator broke')
    }),
  })
  await make(plane, `${TEXT}  second:\n    fn::rotate::made-up: {inputs: {user: other}, state: {password: {fn::secret: old}}}\n`)
  assert.equal((await rotateNow(plane)).ok, false)
  const values = (await valuesOf(plane)) as Record<string, { password: string }>
  assert.deepEqual(new Set([values['db']?.password, values['second']?.password]), new Set(['new-1', 'old']))
  const [rotation] = need(await plane.owner.call('listRotations', { params })).rotations
  assert.deepEqual([rotation?.status, rotation?.after], ['failed', 2])
})

test('what a plane that is killed had rotated is in the next revision when it is back', { timeout: 120_000 }, async (t) => {
  for (const when of ['answered', 'asked'] as const) {
    const folder = temporaryFolder(t)
    const program = join(import.meta.dirname, 'rotation-process.ts')
    const ended = await runProcess(t, ['node', '--conditions=source', program, folder, when])
    assert.equal(ended.signal, 'SIGKILL', ended.stderr)
    assert.equal(readFileSync(join(folder, 'replaced'), 'utf8'), 'made outside')
    // The lease of the killed plane has run out by then.
    const back = await openPlane(groundIn(folder), { now: () => Date.now() + 10 * 60_000, providers: making(async () => undefined)() })
    const asked = { params, query: {}, body: undefined }
    const origin = { request: 'made-up', address: '' }
    const background = startBackground(back.plane, (error) => assert.fail(String(error)))
    try {
      await eventually(async () => {
        const [rotation] = need(await back.operations.call('listRotations', back.caller, asked, origin)).rotations
        assert.notEqual(rotation?.status, 'under-way')
        if (when === 'answered') assert.deepEqual([rotation?.status, rotation?.after], ['succeeded', 2])
        else assert.match(rotation?.outcome[0]?.message ?? '', /stopped before the rotator answered/)
        return true
      })
      const { values } = need(await back.operations.call('openEnvironment', back.caller, asked, origin))
      assert.deepEqual(values, { db: { password: when === 'answered' ? 'made outside' : 'old' } })
      assert.deepEqual(await back.plane.store.drafts.rotations(), [])
    } finally {
      await background.close()
      await back.close()
    }
  }
})
