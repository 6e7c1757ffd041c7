import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  createReadStream,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { leaveOut } from '../../../test/left-out.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { type ArtifactSource, type ArtifactStore, type OtherArtifacts, openArtifactStore } from '../src/index.ts'
import { manifestOf, upload, valueOf } from './kit/upload.ts'

interface Workshop {
  readonly folder: string
  readonly store: ArtifactStore
  readonly kept: string
}

async function workshop(t: TestContext): Promise<Workshop> {
  const root = temporaryFolder(t, { spaces: true })
  const folder = join(root, 'source')
  const kept = join(root, 'artifacts')
  mkdirSync(join(folder, 'lib', 'deep'), { recursive: true })
  writeFileSync(join(folder, 'server.mjs'), 'export const answer = 42\n')
  writeFileSync(join(folder, 'lib', 'deep', 'data.json'), '{}')
  writeFileSync(join(folder, 'start.sh'), '#!/bin/sh\n')
  chmodSync(join(folder, 'start.sh'), 0o755)
  symlinkSync('lib/deep/data.json', join(folder, 'data.json'))
  return { folder, kept, store: await openArtifactStore(kept) }
}

test('an artifact is a read-only copy of the files, modes and links that were listed', async (t) => {
  const { folder, store } = await workshop(t)
  writeFileSync(join(folder, '.env'), 'SECRET=a-fake-value\n')
  writeFileSync(join(folder, 'lib', '.env.production'), 'SECRET=a-fake-value\n')
  mkdirSync(join(folder, '.git'))
  writeFileSync(join(folder, '.git', 'config'), '')
  const tree = valueOf(await store.place(await upload(store, folder)))
  assert.deepEqual(readdirSync(tree, { recursive: true, encoding: 'utf8' }).toSorted(), [
    'data.json',
    'lib',
    'lib/deep',
    'lib/deep/data.json',
    'server.mjs',
    'start.sh',
  ])
  assert.equal(readFileSync(join(tree, 'server.mjs'), 'utf8'), 'export const answer = 42\n')
  assert.equal(readlinkSync(join(tree, 'data.json')), 'lib/deep/data.json')
  const modes = ['server.mjs', 'start.sh', 'lib', '.'].map((path) => (statSync(join(tree, path)).mode & 0o777).toString(8))
  assert.deepEqual(modes, ['444', '555', '555', '555'])
})

test('the same files are the same artifact, in whatever order they are listed, and nothing is sent twice', async (t) => {
  const { folder, store } = await workshop(t)
  const digest = await upload(store, folder)
  const manifest = manifestOf(folder)
  assert.deepEqual(valueOf(await store.missing(manifest)), [])
  assert.equal(valueOf(await store.assemble({ entries: manifest.entries.toReversed() })), digest)
  writeFileSync(join(folder, 'server.mjs'), 'export const answer = 43\n')
  assert.equal(valueOf(await store.missing(manifestOf(folder))).length, 1)
})

test('a file whose bytes are not what its name says is not kept', async (t) => {
  const { store } = await workshop(t)
  const hash = createHash('sha256').update('expected').digest('hex')
  const put = await store.put(hash, bytesOf('something else'))
  assert.equal(put.ok ? '' : put.problem.code, 'ARTIFACT_INVALID')
  const missing = await store.missing({ entries: [{ kind: 'file', path: 'a', size: 14, hash, executable: false }] })
  assert.deepEqual(valueOf(missing), [hash])
})

test('an artifact is not made while a file of it is missing', async (t) => {
  const { folder, store } = await workshop(t)
  const assembled = await store.assemble(manifestOf(folder))
  assert.equal(assembled.ok ? '' : assembled.problem.code, 'ARTIFACT_INCOMPLETE')
})

test('a manifest that would lead outside is refused, whoever sends it', async (t) => {
  const { store } = await workshop(t)
  const hash = '0'.repeat(64)
  for (const path of ['../outside', '/etc/passwd', 'a/../../b', '.env', 'a/.git/config', '']) {
    const refused = await store.missing({ entries: [{ kind: 'file', path, size: 0, hash, executable: false }] })
    assert.equal(refused.ok ? path : refused.problem.code, 'ARTIFACT_INVALID')
  }
})

test('a placed artifact that was changed is put aside and made anew; what runs in it keeps its files', async (t) => {
  const { folder, store, kept } = await workshop(t)
  const digest = await upload(store, folder)
  const tree = valueOf(await store.place(digest))
  chmodSync(join(tree, 'server.mjs'), 0o644)
  writeFileSync(join(tree, 'server.mjs'), 'export const answer = 66\n')
  assert.equal(valueOf(await store.place(digest)), tree)
  assert.equal(readFileSync(join(tree, 'server.mjs'), 'utf8'), 'export const answer = 42\n')
  const aside = readdirSync(join(kept, 'trees')).filter((name) => name.startsWith('changed-'))
  assert.equal(aside.length, 1)
})

test('a kept file that is damaged is named, and asked for again', async (t) => {
  const { folder, store, kept } = await workshop(t)
  const digest = await upload(store, folder)
  const entry = manifestOf(folder).entries.find(({ path }) => path === 'server.mjs')
  assert.ok(entry?.kind === 'file')
  const file = join(kept, 'files', entry.hash.slice(0, 2), entry.hash)
  chmodSync(file, 0o600)
  writeFileSync(file, 'export const answer = 66\n')
  const tree = join(kept, 'trees', digest)
  chmodSync(tree, 0o755)
  writeFileSync(join(tree, 'added'), '')
  const placed = await store.place(digest)
  assert.deepEqual(placed.ok ? '' : [placed.problem.code, placed.problem.details['what']], ['ARTIFACT_DAMAGED', 'server.mjs'])
  assert.deepEqual(valueOf(await store.missing(manifestOf(folder))), [entry.hash])
})

test('what an interrupted upload left is gone at the next start', async (t) => {
  const { kept } = await workshop(t)
  writeFileSync(join(kept, 'tmp', 'half'), 'half of a file')
  await openArtifactStore(kept)
  assert.deepEqual(readdirSync(join(kept, 'tmp')), [])
})

test('a plane that was killed while it placed an artifact starts again, whoever it runs as', async (t) => {
  const root = temporaryFolder(t)
  const NOBODY = 65_534
  const isRoot = process.geteuid?.() === 0
  if (isRoot) {
    chownSync(root, NOBODY, NOBODY)
    process.seteuid?.(NOBODY)
  }
  try {
    const half = join(root, 'artifacts', 'tmp', 'half', 'lib')
    mkdirSync(half, { recursive: true })
    writeFileSync(join(half, 'data.json'), '{}')
    for (const folder of [half, join(half, '..')]) chmodSync(folder, 0o555)
    await openArtifactStore(join(root, 'artifacts'))
    assert.deepEqual(readdirSync(join(root, 'artifacts', 'tmp')), [])
  } finally {
    if (isRoot) process.seteuid?.(0)
  }
})

test('a disk that is full is an answer, keeps nothing half, and takes the artifact once there is room', async (t) => {
  const disk = smallDisk(t)
  if (disk === undefined) return leaveOut('a full disk', 'a small file system cannot be mounted here', t)
  const { folder } = await workshop(t)
  const store = await openArtifactStore(join(disk, 'artifacts'))
  const before = await upload(store, folder)
  writeFileSync(join(folder, 'large.bin'), Buffer.alloc(1_600_000, 7))
  const ballast = join(disk, 'ballast')
  writeFileSync(ballast, Buffer.alloc(2_000_000))
  const large = manifestOf(folder).entries.find(({ path }) => path === 'large.bin')
  assert.ok(large?.kind === 'file')
  const put = await store.put(large.hash, bytesOf(readFileSync(join(folder, 'large.bin'))))
  assert.deepEqual(put.ok ? '' : [put.problem.code, put.problem.details['reason']], ['ARTIFACT_DISK', 'the disk is full'])
  assert.deepEqual(readdirSync(join(disk, 'artifacts', 'tmp')), [])
  assert.ok(existsSync(join(disk, 'artifacts', 'trees', before)))

  execFileSync('rm', [ballast])
  valueOf(await store.put(large.hash, bytesOf(readFileSync(join(folder, 'large.bin')))))
  // The file fits once, its copy in the artifact's folder does not.
  const assembled = await store.assemble(manifestOf(folder))
  assert.equal(assembled.ok ? '' : assembled.problem.code, 'ARTIFACT_DISK')
  assert.deepEqual(readdirSync(join(disk, 'artifacts', 'tmp')), [])
  assert.equal(valueOf(await store.place(before)), join(disk, 'artifacts', 'trees', before), 'what was there is whole')
})

async function* bytesOf(content: string | Buffer): AsyncGenerator<Uint8Array> {
  yield Buffer.from(content)
}

/** A file system of 3 MB, or undefined where none can be made. */
function smallDisk(t: TestContext): string | undefined {
  const mounted: string[] = []
  // Before the folder's own removal, which is asked for next: hooks run in the order they were given.
  t.after(() => mounted.forEach((one) => execFileSync('/bin/umount', ['-l', one])))
  const place = temporaryFolder(t)
  try {
    execFileSync('/bin/mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', place], { stdio: 'ignore' })
  } catch {
    return undefined
  }
  mounted.push(place)
  return place
}

/** Other nodes, as one of them asks them: each store in turn. */
function elsewhere(...others: readonly OtherArtifacts[]): ArtifactSource {
  return {
    async ask(act) {
      for (const other of others) if (await act(other)) return
    },
  }
}

const otherOf = ({ manifest, openFile }: ArtifactStore): OtherArtifacts => ({ manifest, file: openFile })

test('files that were uploaded to different nodes become an artifact at any of them, and come to who runs it', async (t) => {
  const { folder, store: one } = await workshop(t)
  const { store: two } = await workshop(t)
  const manifest = manifestOf(folder)
  const files = manifest.entries.filter((entry) => entry.kind === 'file')
  for (const [n, { hash, path }] of files.entries())
    valueOf(await (n % 2 === 0 ? one : two).put(hash, createReadStream(join(folder, path))))
  const third = await openArtifactStore(join(temporaryFolder(t), 'artifacts'), elsewhere(otherOf(one), otherOf(two)))
  const digest = valueOf(await third.assemble(manifest))
  const fourth = await openArtifactStore(join(temporaryFolder(t), 'artifacts'), elsewhere(otherOf(one), otherOf(third)))
  const tree = valueOf(await fourth.place(digest))
  assert.equal(readFileSync(join(tree, 'server.mjs'), 'utf8'), 'export const answer = 42\n')
  assert.ok(await (await openArtifactStore(join(temporaryFolder(t), 'artifacts'), elsewhere(otherOf(fourth)))).has(digest))
  assert.equal(await one.has(digest), false)
})

test('nothing another node says is believed: other bytes and other manifests are not kept', async (t) => {
  const { folder, store } = await workshop(t)
  const digest = await upload(store, folder)
  const lying: OtherArtifacts = {
    manifest: async () => JSON.stringify({ entries: [{ kind: 'link', path: 'a', target: 'b' }] }),
    file: async () => bytesOf('something else'),
  }
  for (const other of [lying, { ...lying, manifest: store.manifest }, { ...lying, manifest: async () => '{"entries":7}' }]) {
    const kept = join(temporaryFolder(t), 'artifacts')
    const here = await openArtifactStore(kept, elsewhere(other))
    const assembled = await here.assemble(manifestOf(folder))
    assert.equal(assembled.ok ? '' : assembled.problem.code, 'ARTIFACT_INCOMPLETE')
    assert.equal(await here.has(digest), false)
    const placed = await here.place(digest)
    assert.equal(placed.ok ? '' : placed.problem.code, 'ARTIFACT_INCOMPLETE')
    assert.deepEqual(readdirSync(join(kept, 'files')), [])
  }
})

test('two that make the same artifact at once both have it', async (t) => {
  const { folder, store } = await workshop(t)
  const digest = await upload(store, folder)
  const here = await openArtifactStore(join(temporaryFolder(t), 'artifacts'), elsewhere(otherOf(store)))
  const placed = await Promise.all(Array.from({ length: 8 }, () => here.place(digest)))
  assert.equal(new Set(placed.map(valueOf)).size, 1)
})
