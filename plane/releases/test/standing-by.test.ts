/** What a node brings from the others before it needs it. */
import assert from 'node:assert/strict'
import { readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { eventually } from '../../../test/eventually.ts'
import { type ArtifactSource, type Clock, openArtifactStore, systemClock } from '../src/index.ts'
import { ownPlace } from './kit/plane.ts'
import { Shop } from './kit/shop.ts'

/** How often a node looks after the targets of all, in milliseconds. */
const LOOK_EVERY = 3000
const clock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) => systemClock.sleep(milliseconds === LOOK_EVERY ? 20 : milliseconds, signal),
}

test('a node brings whatever can be gone back to while another has it, and goes back with that one gone', async (t) => {
  const { place, open } = ownPlace(t)
  const artifacts = join(place.data, 'artifacts')
  let plane = await open()
  let shop = new Shop(plane, 'production')
  shop.save({ GREETING: 'hello' })
  const digests: string[] = []
  for (const code of ['one', 'two', 'three', 'four', 'five']) {
    const release = await shop.release(code)
    digests.push(release.content.services[0]?.artifact ?? '')
    if (code !== 'five') assert.equal((await shop.deploy(release)).state, 'live')
  }
  await plane.close()

  // The database at another machine, which has nothing else; the files are at the first one.
  const elsewhere = join(place.root, 'elsewhere')
  renameSync(artifacts, elsewhere)
  const other = await openArtifactStore(elsewhere)
  const asked: string[] = []
  let gone = false
  const source: ArtifactSource = {
    async ask(act) {
      const manifest = async (digest: string) => (asked.push(digest), gone ? undefined : other.manifest(digest))
      await act({ manifest, file: async (hash) => (gone ? undefined : other.openFile(hash)) })
    },
  }
  plane = await open({ takeOver: 'when-expired', elsewhere: source, clock })
  await eventually(() => readdirSync(join(artifacts, 'manifests')).length === digests.length)
  const each = new Set(asked)
  assert.deepEqual([...each].toSorted(), digests.toSorted())
  assert.equal(asked.length, each.size, 'each once')

  gone = true
  shop = new Shop(plane, 'production')
  assert.equal((await shop.rollback('#1')).state, 'live')
  assert.equal((await shop.ask()).body.code, 'one')
})
