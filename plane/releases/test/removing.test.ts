/** Artifacts that nothing can be brought back to any more do not stay for ever; all others do. */
import assert from 'node:assert/strict'
import fs, { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import promises from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type Release, idOf } from '@headgate/model'
import { insert } from '@headgate/store'
import { leaveOut } from '../../../test/left-out.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { type ArtifactStore, type Clock, openArtifactStore, systemClock } from '../src/index.ts'
import { type TestPlane, by, organisation, ownPlace } from './kit/plane.ts'
import { Shop } from './kit/shop.ts'
import { manifestOf, upload, valueOf } from './kit/upload.ts'

const HOUR = 60 * 60 * 1000
const DAY = 24 * HOUR
/** So many kinds of code are kept of a target. */
const KEPT = 20
/** How long after its start a plane looks for the first time, and how long until it does again. */
const FIRST_AFTER = 15_000
const EVERY = 6 * HOUR

/** A clock that is ahead, with which a plane looks at once for what it may remove; and when it has. */
function ahead(by: number): { readonly clock: Clock; readonly looked: Promise<void> } {
  const { promise: looked, resolve } = Promise.withResolvers<void>()
  const sleep: Clock['sleep'] = (milliseconds, signal) => {
    if (milliseconds === EVERY) resolve()
    return systemClock.sleep(milliseconds === FIRST_AFTER ? 0 : milliseconds, signal)
  }
  return { clock: { now: () => Date.now() + by, sleep }, looked }
}

/** A deployment as it stands when it has failed. */
async function noteFailed({ sealed }: TestPlane, { id, target }: Release): Promise<void> {
  const time = Date.now()
  const [before] = await sealed.store.deployments.live(organisation, target)
  assert.ok(before)
  const { change: _change, mac: _mac, ...fields } = before
  const failed = { ...fields, id: idOf<'deployment'>(`failed ${id}`), release: id, previous: before.release, state: 'failed' as const }
  const audit = {
    time,
    organisation,
    actor: null,
    actorName: 'test',
    action: 'test',
    resource: 'target:main/shop/production',
    outcome: 'ok' as const,
  }
  valueOf(
    await sealed.changes.commit({ expect: [], writes: [insert('deployments', { ...failed, started_at: time, ended_at: time })], audit }),
  )
}

test('what can be gone back to stays, and what cannot is removed after a day; a release of it is deployed from its source again', async (t) => {
  const { place, open } = ownPlace(t)
  const artifacts = join(place.data, 'artifacts')
  let plane = await open()
  let shop = new Shop(plane, 'production')
  shop.save({ GREETING: 'hello' })
  const digests: string[] = []
  for (let n = 0; n < KEPT + 3; n += 1) {
    const release = await shop.release(`code ${n}`)
    digests.push(release.content.services[0]?.artifact ?? '')
    if (n < 2) assert.equal((await shop.deploy(release)).state, 'live')
    else await noteFailed(plane, release)
  }
  await plane.close()

  const first = ahead(HOUR)
  plane = await open({ clock: first.clock })
  await first.looked
  assert.deepEqual(readdirSync(join(artifacts, 'unneeded')), [digests[2]], 'live, gone back to, or of the last kinds of code')
  assert.equal(readdirSync(join(artifacts, 'manifests')).length, KEPT + 3, 'its day has begun')
  await plane.close()

  const second = ahead(HOUR + DAY)
  plane = await open({ clock: second.clock })
  await second.looked
  const { event: _, ...removed } = plane.log.find(({ event }) => event === 'artifacts removed') ?? {}
  assert.deepEqual(removed, { artifacts: 1, files: 1 }, 'the file its code alone had')
  const left = digests.filter((digest) => existsSync(join(artifacts, 'manifests', `${digest}.json`)))
  assert.deepEqual(left, digests.toSpliced(2, 1))
  assert.deepEqual(readdirSync(join(artifacts, 'trees')).toSorted(), left.toSorted())

  shop = new Shop(plane, 'production')
  for (const [to, code] of [
    ['previous', 'code 0'],
    ['#4', 'code 3'],
  ] as const) {
    assert.equal((await shop.rollback(to)).state, 'live')
    assert.equal((await shop.ask()).body.code, code)
  }
  const refused = await shop.rollback('#3')
  assert.deepEqual([refused.state, refused.reason?.includes(digests[2] ?? '')], ['rolled-back', true])
  assert.equal((await shop.deploy(await shop.release('code 2'))).state, 'live')
  assert.equal((await shop.ask()).body.code, 'code 2')
})

test('a plane whose database knows of no target removes nothing', async (t) => {
  const { place, open } = ownPlace(t)
  const artifacts = join(place.data, 'artifacts')
  const first = await open()
  await upload(first.releases.artifacts, new Shop(first, 'production').folder('one'))
  await first.close()
  const { clock, looked } = ahead(DAY)
  await open({ clock })
  await looked
  assert.deepEqual(readdirSync(join(artifacts, 'unneeded')), [])
  assert.equal(readdirSync(join(artifacts, 'manifests')).length, 1)
})

test('while something runs of which the database knows nothing, nothing is removed', async (t) => {
  if (!existsSync('/proc/self/stat')) return leaveOut('a process of an unknown instance', 'there is no /proc here', t)
  const { place, open } = ownPlace(t)
  const marks = join(place.data, 'artifacts', 'unneeded')
  const first = await open()
  const shop = new Shop(first, 'production')
  await shop.settled(await first.releases.stop({ target: shop.target, by }))
  const digest = await upload(first.releases.artifacts, shop.folder('one'))
  await first.close()
  const unknown = join(place.data, 'instances', 'web-unknown')
  mkdirSync(unknown)
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')
  writeFileSync(join(unknown, 'claim.1'), `${boot}${readFileSync('/proc/self/stat', 'latin1')}`)
  for (const known of [false, true]) {
    if (known) rmSync(unknown, { recursive: true })
    const { clock, looked } = ahead(HOUR)
    const plane = await open({ clock })
    await looked
    assert.deepEqual(readdirSync(marks), known ? [digest] : [])
    if (!known) await plane.close()
  }
})

interface Kept {
  readonly folder: string
  readonly store: ArtifactStore
  /** A folder of files for each artifact; they have one file in common. */
  readonly sources: readonly [string, string]
  readonly digests: readonly [string, string]
}

async function keepTwo(t: TestContext): Promise<Kept> {
  const root = temporaryFolder(t)
  const folder = join(root, 'artifacts')
  const sources = [join(root, 'one'), join(root, 'two')] as const
  for (const source of sources) {
    mkdirSync(join(source, 'lib'), { recursive: true })
    writeFileSync(join(source, 'lib', 'common.txt'), 'common')
    writeFileSync(join(source, 'own.txt'), source)
  }
  const store = await openArtifactStore(folder)
  return { folder, store, sources, digests: [await upload(store, sources[0]), await upload(store, sources[1])] }
}

test('whoever uses an artifact that nothing needs gives it another day', async (t) => {
  const { store, sources, digests, folder } = await keepTwo(t)
  const [digest] = digests
  const now = Date.now()
  const uses: (() => unknown)[] = [
    () => store.use(digest),
    () => store.has(digest),
    () => store.place(digest),
    () => store.manifest(digest),
    () => store.assemble(manifestOf(sources[0])),
  ]
  for (const [n, use] of uses.entries()) {
    assert.deepEqual(await store.removeUnneeded(new Set(digests), now + 2 * n * DAY), { artifacts: 0, files: 0 })
    await store.removeUnneeded(new Set([digests[1]]), now + 2 * n * DAY)
    assert.deepEqual(readdirSync(join(folder, 'unneeded')), [digest])
    await use()
    assert.equal((await store.removeUnneeded(new Set([digests[1]]), now + (2 * n + 1) * DAY)).artifacts, 0, `use ${n}`)
  }
  const later = now + (2 * uses.length + 2) * DAY
  assert.deepEqual(await store.removeUnneeded(new Set([digests[1]]), later), { artifacts: 1, files: 1 })
  assert.equal(await store.has(digest), false)
  valueOf(await store.place(digests[1]))
})

test('files that are being uploaded have a day until an artifact is made of them, also those that were here before', async (t) => {
  const { store, sources, folder } = await keepTwo(t)
  for (const digest of readdirSync(join(folder, 'manifests'))) rmSync(join(folder, 'manifests', digest))
  for (const tree of readdirSync(join(folder, 'trees'))) rmSync(join(folder, 'trees', tree), { recursive: true, force: true })
  const files = readdirSync(join(folder, 'files'), { recursive: true, encoding: 'utf8' }).filter((name) => /[0-9a-f]{64}$/.test(name))
  assert.equal(files.length, 3)
  for (const file of files) utimesSync(join(folder, 'files', file), 1, 1)
  const manifest = manifestOf(sources[0])
  assert.deepEqual(valueOf(await store.missing(manifest)), [], 'whoever uploads leaves out what is here')
  assert.deepEqual(await store.removeUnneeded(new Set(), Date.now()), { artifacts: 0, files: 1 })
  valueOf(await store.place(valueOf(await store.assemble(manifest))))
})

/** What a removal does to the disk, by name; where it is cut off, everything after fails, as for a process that is gone. */
const calls = [
  [fs, 'renameSync'],
  [fs, 'rmSync'],
  [fs, 'unlinkSync'],
  [promises, 'rm'],
  [promises, 'open'],
  [promises, 'rename'],
] as const

/** @returns whether it was cut off */
async function cutOffAt(point: number, act: () => Promise<unknown>): Promise<boolean> {
  let seen = 0
  const originals = calls.map(([module, name]) => (module as unknown as Record<string, (...words: unknown[]) => unknown>)[name])
  for (const [n, [module, name]] of calls.entries()) {
    const wrapped = (...words: unknown[]): unknown => {
      seen += 1
      if (seen >= point) throw new Error('cut off')
      return originals[n]?.(...words)
    }
    Object.assign(module, { [name]: wrapped })
  }
  syncBuiltinESMExports()
  try {
    await act()
    return false
  } catch (error) {
    assert.equal((error as Error).message, 'cut off')
    return true
  } finally {
    for (const [n, [module, name]] of calls.entries()) Object.assign(module, { [name]: originals[n] })
    syncBuiltinESMExports()
  }
}

test('a removal that is cut off anywhere leaves artifacts that are whole or gone, and the next one finishes it', async (t) => {
  let points = 0
  for (let cut = true; cut; points += 1) {
    const { folder, store, digests } = await keepTwo(t)
    const needed = new Set([digests[1]])
    const now = Date.now()
    await store.removeUnneeded(needed, now)
    cut = await cutOffAt(points + 1, () => store.removeUnneeded(needed, now + DAY))
    const again = await openArtifactStore(folder)
    valueOf(await again.place(digests[1]))
    if (existsSync(join(folder, 'manifests', `${digests[0]}.json`))) valueOf(await (await openArtifactStore(folder)).place(digests[0]))
    await again.removeUnneeded(needed, now + 2 * DAY)
    await again.removeUnneeded(needed, now + 3 * DAY)
    const names = (place: string) => readdirSync(join(folder, place))
    assert.deepEqual([names('manifests'), names('trees')], [[`${digests[1]}.json`], [digests[1]]], `cut off at ${points}`)
    assert.deepEqual([names('unneeded'), names('tmp')], [[], []], `cut off at ${points}`)
    assert.equal(names('files').flatMap((group) => names(join('files', group))).length, 2)
  }
  assert.ok(points > 5, `${points} points`)
})
