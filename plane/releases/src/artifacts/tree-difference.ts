import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { ArtifactEntry, ArtifactManifest } from '@headgate/rollout'

/** The first place where a folder is not what its manifest says. `absent`: there is no folder at all. */
export type TreeDifference =
  | { readonly kind: 'absent'; readonly path: '' }
  | { readonly kind: 'missing' | 'changed' | 'added'; readonly path: string }

/** Compares a folder with a manifest, byte by byte; undefined where they are the same. */
export async function treeDifference(tree: string, manifest: ArtifactManifest): Promise<TreeDifference | undefined> {
  const root = await lstat(tree).catch(() => undefined)
  if (!root?.isDirectory()) return { kind: 'absent', path: '' }
  const expected = new Set([...foldersOf(manifest), ...manifest.entries.map((entry) => entry.path)])
  for (const path of await pathsBelow(tree, '')) if (!expected.has(path)) return { kind: 'added', path }
  for (const entry of manifest.entries) {
    const kind = await entryDifference(join(tree, entry.path), entry)
    if (kind !== undefined) return { kind, path: entry.path }
  }
  return undefined
}

/** Every folder a manifest needs, parents before what is in them. */
export function foldersOf(manifest: ArtifactManifest): readonly string[] {
  const folders = new Set<string>()
  for (const { path } of manifest.entries) {
    const segments = path.split('/')
    for (let length = 1; length < segments.length; length += 1) folders.add(segments.slice(0, length).join('/'))
  }
  return [...folders]
}

async function pathsBelow(folder: string, inside: string): Promise<string[]> {
  const paths: string[] = []
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = inside === '' ? entry.name : `${inside}/${entry.name}`
    paths.push(path)
    if (entry.isDirectory()) paths.push(...(await pathsBelow(join(folder, entry.name), path)))
  }
  return paths
}

async function entryDifference(path: string, entry: ArtifactEntry): Promise<'missing' | 'changed' | undefined> {
  const found = await lstat(path).catch(() => undefined)
  if (found === undefined) return 'missing'
  if (entry.kind === 'link') {
    return found.isSymbolicLink() && (await readlink(path)) === entry.target ? undefined : 'changed'
  }
  const alike = found.isFile() && found.size === entry.size && ((found.mode & 0o100) !== 0) === entry.executable
  return alike && (await hashOf(path)) === entry.hash ? undefined : 'changed'
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array)
  return hash.digest('hex')
}
