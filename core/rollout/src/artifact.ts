import { canonicalJson } from './identity.ts'

/** A file of an artifact, by the hash of its bytes. Of its mode only one bit is kept: whether it can be executed. */
export interface ArtifactFile {
  readonly kind: 'file'
  /** Inside the artifact, segments separated by `/`. */
  readonly path: string
  readonly size: number
  /** SHA-256 of its bytes in hexadecimal. */
  readonly hash: string
  readonly executable: boolean
}

/** A symbolic link that stays inside the artifact. */
export interface ArtifactLink {
  readonly kind: 'link'
  readonly path: string
  readonly target: string
}

export type ArtifactEntry = ArtifactFile | ArtifactLink

/** What an artifact consists of. Empty folders are not kept. */
export interface ArtifactManifest {
  readonly entries: readonly ArtifactEntry[]
}

export const ARTIFACT_LIMITS = { entries: 200_000, bytes: 16 * 1024 ** 3, pathBytes: 1024, segmentBytes: 255 } as const

/**
 * Whether a file or folder stays out of every artifact: `.git` because it is history, `.env*` because it is where
 * secrets lie. What is below an excluded folder is excluded with it.
 */
export function isExcluded(path: string): boolean {
  return path.split('/').some((segment) => segment === '.git' || segment.startsWith('.env'))
}

/** Why a path cannot be in an artifact, or undefined where it can. */
export function pathProblem(path: string): string | undefined {
  if (path === '' || path.startsWith('/')) return 'it is not a path inside the folder'
  if (path.includes('\0') || path.includes('\\')) return 'it holds a character that paths here do not have'
  const segments = path.split('/')
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..')) return 'it has an empty, `.` or `..` part'
  if (byteLength(path) > ARTIFACT_LIMITS.pathBytes) return `it is longer than ${ARTIFACT_LIMITS.pathBytes} bytes`
  if (segments.some((segment) => byteLength(segment) > ARTIFACT_LIMITS.segmentBytes)) {
    return `a part of it is longer than ${ARTIFACT_LIMITS.segmentBytes} bytes`
  }
  return isExcluded(path) ? '`.git` and `.env*` stay out of artifacts' : undefined
}

/** Why a link at `path` cannot be in an artifact, or undefined where it can: it must end inside, by its words alone. */
export function linkProblem(path: string, target: string): string | undefined {
  if (target === '' || target.includes('\0') || target.includes('\\')) return 'its target is not a path'
  if (target.startsWith('/')) return `it leads to ${target}, which is outside the folder`
  const place = path.split('/').slice(0, -1)
  for (const segment of target.split('/')) {
    if (segment === '' || segment === '.') continue
    if (segment !== '..') place.push(segment)
    else if (place.pop() === undefined) return `it leads to ${target}, which is outside the folder`
  }
  return isExcluded(place.join('/')) ? `it leads to ${target}, which stays out of artifacts` : undefined
}

/** A fault of a manifest, with the entry it is about. */
export interface ManifestProblem {
  readonly path: string
  readonly reason: string
}

/**
 * Everything wrong with a manifest, so that whoever stores it need not trust who sent it: paths and links as above, no
 * path twice, none below a file or a link (a link in the middle of a path would lead a write elsewhere), within limits.
 */
export function manifestProblems(manifest: ArtifactManifest): ManifestProblem[] {
  const problems: ManifestProblem[] = []
  if (manifest.entries.length === 0) problems.push({ path: '', reason: 'there is nothing in it' })
  if (manifest.entries.length > ARTIFACT_LIMITS.entries) problems.push({ path: '', reason: `more than ${ARTIFACT_LIMITS.entries} files` })
  const leaves = new Set<string>()
  let bytes = 0
  for (const entry of manifest.entries) {
    const reason = pathProblem(entry.path) ?? (entry.kind === 'link' ? linkProblem(entry.path, entry.target) : fileProblem(entry))
    if (reason !== undefined) problems.push({ path: entry.path, reason })
    if (leaves.has(entry.path)) problems.push({ path: entry.path, reason: 'it is there twice' })
    leaves.add(entry.path)
    bytes += entry.kind === 'file' ? entry.size : 0
  }
  for (const { path } of manifest.entries) {
    const parent = parentsOf(path).find((folder) => leaves.has(folder))
    if (parent !== undefined) problems.push({ path, reason: `${parent} is a file or a link, and not a folder` })
  }
  problems.push(...crossedLinks(manifest))
  if (bytes > ARTIFACT_LIMITS.bytes) problems.push({ path: '', reason: `${bytes} bytes, and ${ARTIFACT_LIMITS.bytes} are allowed` })
  return problems
}

/**
 * Links whose target climbs (`..`) after passing another link: where that ends is not to be told from the words, and
 * it may be outside. Links that go through links without climbing stay inside, because each of those does.
 */
function crossedLinks({ entries }: ArtifactManifest): ManifestProblem[] {
  const links = new Map(entries.filter((entry) => entry.kind === 'link').map((link) => [link.path, link.target]))
  return [...links].flatMap(([path, target]) => {
    const place = path.split('/').slice(0, -1)
    let crossed: string | undefined
    for (const segment of target.split('/')) {
      if (segment === '' || segment === '.') continue
      if (segment === '..' && crossed !== undefined) return [{ path, reason: `it leads through the link ${crossed} and up again` }]
      if (segment === '..') place.pop()
      else place.push(segment)
      if (links.has(place.join('/'))) crossed = place.join('/')
    }
    return []
  })
}

/** The text whose SHA-256 is the digest of an artifact. The order in which entries were listed does not matter. */
export function manifestText(manifest: ArtifactManifest): string {
  const entries = manifest.entries.toSorted((one, other) => (one.path < other.path ? -1 : 1))
  return `headgate artifact 1\n${entries.map((entry) => canonicalJson(entry)).join('\n')}`
}

function fileProblem(file: ArtifactFile): string | undefined {
  if (!/^[0-9a-f]{64}$/.test(file.hash)) return 'its hash is not a SHA-256 in hexadecimal'
  return Number.isSafeInteger(file.size) && file.size >= 0 ? undefined : 'its size is not a number of bytes'
}

function parentsOf(path: string): string[] {
  const segments = path.split('/')
  return segments.slice(1).map((_, index) => segments.slice(0, index + 1).join('/'))
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length
}
