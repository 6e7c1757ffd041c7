import { createHash } from 'node:crypto'
import { lstatSync, readFileSync, readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { type ArtifactEntry, type ArtifactManifest, isExcluded } from '@headgate/rollout'
import type { ArtifactStore } from '../../src/index.ts'

/** Lists a folder as the command line does: by the shared rules. */
export function manifestOf(folder: string): ArtifactManifest {
  const entries: ArtifactEntry[] = []
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const found = lstatSync(join(folder, path))
    if (isExcluded(path) || found.isDirectory()) continue
    if (found.isSymbolicLink()) {
      entries.push({ kind: 'link', path, target: readlinkSync(join(folder, path)) })
    } else {
      const hash = createHash('sha256')
        .update(readFileSync(join(folder, path)))
        .digest('hex')
      entries.push({ kind: 'file', path, size: found.size, hash, executable: (found.mode & 0o100) !== 0 })
    }
  }
  return { entries }
}

/** Brings a folder into the store; its digest. */
export async function upload(artifacts: ArtifactStore, folder: string): Promise<string> {
  const manifest = manifestOf(folder)
  const missing = valueOf(await artifacts.missing(manifest))
  for (const entry of manifest.entries) {
    if (entry.kind === 'file' && missing.includes(entry.hash)) valueOf(await artifacts.put(entry.hash, bytesOf(join(folder, entry.path))))
  }
  return valueOf(await artifacts.assemble(manifest))
}

async function* bytesOf(path: string): AsyncGenerator<Uint8Array> {
  yield readFileSync(path)
}

/** What a result holds; a refusal fails the test with its message. */
export function valueOf<T>(
  result: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: { readonly message: string } },
): T {
  if (!result.ok) throw new Error(result.problem.message)
  return result.value
}
