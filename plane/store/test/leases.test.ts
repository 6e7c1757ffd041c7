import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Secret } from '@headgate/model'
import { openDatabase } from '@headgate/store'
import { type StartedProcess, startProcess } from '../../../test/child-process.ts'
import { leaveOut } from '../../../test/left-out.ts'
import { postgresDatabase, postgresMissing } from '../../../test/postgres-kit.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { organisation, startStore } from './conformance/plain-store.ts'

/** How long a lease holds in these tests, in milliseconds. */
const DURATION = 1_000

function startHolder(t: TestContext, options: { folder: string; owner: string; address?: Secret }): StartedProcess {
  const { folder, owner, address } = options
  const words = ['--conditions=source', join(import.meta.dirname, 'lease-holder.ts'), folder, owner, String(DURATION)]
  return startProcess(t, ['node', ...words], {
    env: { ...process.env, ...(address ? { HEADGATE_DATABASE: address.reveal() } : {}) },
    within: 60_000,
  })
}

/** Whoever acted, each under its own epoch and all of it before the next began. */
async function epochsInOrder(open: { folder: string; address?: Secret }): Promise<Map<number, Set<string>>> {
  const opened = await startStore(await openDatabase(open), 'founded')
  const rows = (await opened.store.projects.list(organisation)).toSorted((a, b) => a.change - b.change)
  await opened.close()
  const acts = rows.map(({ name }) => ({ epoch: Number(name.slice(0, 3)), owner: name.split('-')[1] ?? '' }))
  assert.deepEqual(
    acts.map(({ epoch }) => epoch),
    acts.map(({ epoch }) => epoch).toSorted((a, b) => a - b),
  )
  const owners = new Map<number, Set<string>>()
  for (const { epoch, owner } of acts) owners.set(epoch, (owners.get(epoch) ?? new Set()).add(owner))
  return owners
}

test('sqlite: a lease outlives its killed holder until it expires, then the next process holds it at the next epoch', async (t) => {
  const folder = join(temporaryFolder(t), 'data')
  await (await startStore(await openDatabase({ folder }))).close()
  const first = startHolder(t, { folder, owner: 'a' })
  await first.line(/^acted 1$/)
  await first.killGroup()
  const second = startHolder(t, { folder, owner: 'b' })
  await second.line(/^acted 2$/)
  await second.killGroup()
  assert.deepEqual(
    await epochsInOrder({ folder }),
    new Map([
      [1, new Set(['a'])],
      [2, new Set(['b'])],
    ]),
  )
})

const missing = postgresMissing()
if (missing !== undefined) leaveOut('leases of two processes on PostgreSQL', missing)
else
  test('postgres: of two processes one holds a lease; paused past its time it is fenced out, and the other acts at the next epoch', async (t) => {
    const address = await postgresDatabase(t)
    const folders = ['own', 'a', 'b'].map((name) => join(temporaryFolder(t), name))
    const [own = '', ...of] = folders
    await (await startStore(await openDatabase({ folder: own, address }))).close()
    const first = startHolder(t, { folder: of[0] ?? '', owner: 'a', address })
    await first.line(/^acted 1$/)
    const second = startHolder(t, { folder: of[1] ?? '', owner: 'b', address })
    await sleep(DURATION)
    assert.doesNotMatch(second.stdout, /held/)
    first.kill('SIGSTOP')
    await second.line(/^acted 2$/)
    first.kill('SIGCONT')
    await first.line(/^lost$/)
    assert.doesNotMatch(first.stdout, /acted 2/)
    await second.killGroup()
    await first.killGroup()
    assert.deepEqual(
      await epochsInOrder({ folder: own, address }),
      new Map([
        [1, new Set(['a'])],
        [2, new Set(['b'])],
      ]),
    )
  })
