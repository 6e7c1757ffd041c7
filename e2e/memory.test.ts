import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { newRootKey, writeRootKey } from '@headgate/vault'
import { leaveOut } from '../test/left-out.ts'
import { proving, seed } from '../test/proving.ts'
import { temporaryFolder } from '../test/temporary-folder.ts'
import { startTransitDouble } from '../plane/vault/test/transit-double.ts'
import { type OtherSource, entryFile, keySourceOf, otherSources } from './memory-key-source.ts'
import { keysOf, startPlane } from './memory-plane.ts'
import { megabytes, memoryOf, spellings, within } from './memory-search.ts'

const SECRETS = 20

test(
  'a secret that was used is in no heap any more, and no key in the memory of a plane whose keyring is closed',
  { timeout: 300_000 },
  async (t) => {
    const folder = temporaryFolder(t)
    const secrets = Array.from({ length: SECRETS }, () => `canary${randomBytes(18).toString('hex')}`)
    const plane = await startPlane(t, folder)
    await plane.tell(JSON.stringify(secrets), 'worked')
    const values = secrets.flatMap((secret, n) => spellings(`value ${n}`, Buffer.from(secret)))
    assert.deepEqual(within([readFileSync(join(folder, 'working.heapsnapshot'))], values), [], 'in the heap of a working plane')
    // The search can find something: the id of an environment, and so its name, is in use.
    const known = within([readFileSync(join(folder, 'working.heapsnapshot'))], [{ name: 'known', bytes: Buffer.from('openSealedStore') }])
    assert.equal(known.length, 1)

    const working = await memoryOf(plane.pid)
    await plane.tell('close', 'closed')
    const closed = working && (await memoryOf(plane.pid))
    await plane.tell('end')
    assert.deepEqual(within([readFileSync(join(folder, 'closed.heapsnapshot'))], values), [], 'in the heap of a closed plane')
    if (!working || !closed) return leaveOut('keys in the memory of a process', 'the memory of another process cannot be read here', t)
    const keys = await keysOf(folder)
    const found = new Set(within(working, keys))
    assert.ok(found.size > 3, `of a working plane only ${[...found].join(', ')} were found, so the search shows nothing`)
    t.diagnostic(`keys in the ${megabytes(working)} MB of the working plane: ${[...found].join(', ')}`)
    const values1 = new Set(within(working, values)).size
    const values2 = new Set(within(closed, values)).size
    t.diagnostic(
      `of ${SECRETS} values that were used, so many are left in memory nobody holds: ${values1} while it works, ${values2} after`,
    )
    assert.deepEqual(within(closed, keys), [], 'in the memory of a plane whose keyring is closed')
  },
)

/** Of all of them where there is time, else of one that the seed picks. */
const searched: readonly OtherSource[] = proving ? otherSources : [otherSources[seed % otherSources.length] as OtherSource]

for (const source of searched)
  test(`a root key from another source (${source}): what is left of it in memory is counted`, { timeout: 300_000 }, async (t) => {
    const folder = temporaryFolder(t)
    const service = source === 'kms' ? await startTransitDouble(t) : undefined
    const line = source === 'environment' ? Buffer.from(writeRootKey(newRootKey())).toString().trim().split('\n').at(-1) : undefined
    const entry = service?.token ?? `passphrase ${randomBytes(18).toString('hex')}`
    writeFileSync(entryFile(folder), entry, { mode: 0o600 })
    const variables: Record<string, string> = line === undefined ? {} : { HEADGATE_ROOT_KEY: line }
    const plane = await startPlane(t, folder, [source, ...(service ? [service.url] : [])], variables)
    await plane.tell(JSON.stringify(['made-up']), 'worked')
    const working = await memoryOf(plane.pid)
    await plane.tell('close', 'closed')
    const closed = working && (await memoryOf(plane.pid))
    await plane.tell('end')
    if (!working || !closed) return leaveOut('keys in the memory of a process', 'the memory of another process cannot be read here', t)
    const keys = await keysOf(folder, keySourceOf(source, folder, { line, url: service?.url }))
    const given = spellings(`what it was given (${source})`, Buffer.from(line ?? entry)).slice(0, 1)
    const [before, after] = [working, closed].map((regions) => [...new Set(within(regions, [...keys, ...given]))]) as [string[], string[]]
    t.diagnostic(
      `of the ${megabytes(working)} MB of a working plane: ${before.join(', ')}; after its keyring was closed: ${after.join(', ') || 'nothing'}`,
    )
    assert.ok(before.includes('seal key'), 'the search finds keys in use')
    // Whatever the source: what it protects is gone. Of the root key and of what was given it is told above.
    assert.deepEqual(
      after.filter((name) => name !== 'root key' && !name.startsWith('what')),
      [],
    )
  })
