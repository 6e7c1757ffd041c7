import assert from 'node:assert/strict'
import { cpSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { runProcess } from '../../../test/child-process.ts'
import { proving, seed } from '../../../test/proving.ts'
import {
  type Said,
  addOrganisations,
  addSecrets,
  everything,
  finish,
  keysInUse,
  requireIntact,
  saidBy,
  start,
  undo,
} from './rotated-folder.ts'
import { type Place, openPlace, populate, temporaryPlace } from './sealed-folder.ts'

type What = 'start' | 'undo' | 'finish'

/** A folder as it is before the step that will be killed. */
async function prepared(t: TestContext, what: What): Promise<{ place: Place; said: Said }> {
  const place = temporaryPlace(t)
  const sealed = await openPlace(place, { rotation: { batch: 40 } })
  await populate(sealed)
  await addSecrets(sealed, 60)
  await addOrganisations(sealed, 90)
  const said = await saidBy(sealed)
  if (what !== 'start') await start(sealed, everything)
  await sealed.close()
  return { place, said }
}

function copyOf(t: TestContext, from: Place): Place {
  const place = temporaryPlace(t)
  mkdirSync(dirname(place.keyFile), { recursive: true, mode: 0o700 })
  cpSync(from.folder, place.folder, { recursive: true })
  cpSync(dirname(from.keyFile), dirname(place.keyFile), { recursive: true })
  return place
}

function rotate(t: TestContext, { folder, keyFile }: Place, what: What, at: string) {
  return runProcess(t, ['node', '--conditions=source', join(import.meta.dirname, 'rotate-until-killed.ts'), folder, keyFile, what, at])
}

/** Every commit of a step where there is time, and both sides of the key file; else the first and one that the seed picks. */
function points(what: What, commits: number): string[] {
  const all = Array.from({ length: commits }, (_, n) => String(n + 1))
  if (proving) return [...all, ...(what === 'finish' ? [] : ['before the file', 'behind the file'])]
  const some = all[seed % commits] ?? '1'
  return { start: ['1', some, 'before the file'], undo: [some, 'behind the file'], finish: ['1'] }[what]
}

async function opened(place: Place) {
  const sealed = await openPlace(place)
  sealed.keys.resume()
  await sealed.keys.idle()
  const { rotation } = await sealed.keys.show()
  assert.equal(rotation?.problem, undefined)
  return { sealed, state: rotation?.state }
}

for (const what of ['start', 'undo', 'finish'] as const)
  test(`killed at any point of ${what}, a rotation goes on where it was, and nothing is lost`, async (t) => {
    const { place, said } = await prepared(t, what)
    const whole = await rotate(t, copyOf(t, place), what, 'never')
    assert.equal(whole.code, 0, whole.stderr)
    const commits = Number(whole.stdout)
    for (const at of points(what, commits)) {
      const folder = copyOf(t, place)
      const { signal, stderr } = await rotate(t, folder, what, at)
      assert.equal(signal, 'SIGKILL', `${what} at ${at}, seed ${seed}: ${stderr}`)
      const { sealed, state } = await opened(folder)
      assert.equal(state, { start: 'moved', undo: 'undone', finish: 'finished' }[what], `${what} at ${at}`)
      await requireIntact(sealed, said)
      if (what === 'start') await (at === '1' ? undo(sealed) : finish(sealed))
      await requireIntact(sealed, said)
      const kept = new Set([...sealed.vault.keyring.all()].map(({ id }) => id))
      for (const id of await keysInUse(sealed))
        assert.ok(kept.has(id) || id === sealed.vault.keyring.rootId(), `${id} after ${what} at ${at}`)
      await sealed.close()
    }
    t.diagnostic(`${commits} commits in ${what}`)
  })
