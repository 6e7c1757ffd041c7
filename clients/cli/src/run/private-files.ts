import { lstatSync, readlinkSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { end } from '../outcome.ts'
import { isPrivatePath, makePrivateFolder, removePrivateFolder } from './private-folder.ts'
import type { OpenedVariable } from './variables.ts'

/** Files for a program's life: in a folder only this user can enter, each readable by this user alone. */
export interface PrivateFiles {
  /** Variables that name the files. */
  readonly variables: readonly OpenedVariable[]
  /** Puts other contents in their places, each whole at any time. */
  rewrite(files: readonly OpenedVariable[], mounted: string | undefined): void
  /** Removes them. Safe to call twice, and from the end of the process. */
  remove(): void
}

/** A file the values of an environment stand in, instead of variables. */
export interface Mount {
  /** Where the program looks for it. */
  readonly file: string
  readonly content: string
}

/** @throws CommandEnded MOUNT_REFUSED where something else is at the place of the mount */
export function writePrivateFiles(
  files: readonly OpenedVariable[],
  env: Readonly<Record<string, string | undefined>>,
  mount?: Mount,
): PrivateFiles {
  if (files.length === 0 && !mount) return { variables: [], rewrite() {}, remove() {} }
  const folder = makePrivateFolder(env)
  const link = mount && resolve(mount.file)
  const content = join(folder, 'mounted')
  let linked = false
  const remove = (): void => {
    if (link && linked) rmSync(link, { force: true })
    removePrivateFolder(folder)
  }
  try {
    if (mount && link) {
      write(content, mount.content)
      linkTo(content, link)
      linked = true
    }
    return {
      // Names of variables make poor file names (any character, any length), so files are numbered.
      variables: files.map(({ name, value }, index) => ({ name, value: write(join(folder, String(index)), value), secret: false })),
      rewrite(others, mounted) {
        for (const [index, { value }] of others.entries()) write(join(folder, String(index)), value)
        if (mounted !== undefined) write(content, mounted)
      },
      remove,
    }
  } catch (cause) {
    remove()
    throw cause
  }
}

/** Whole at any time: whoever opens it while it is replaced reads the one or the other. */
function write(file: string, value: string): string {
  const beside = `${file}.new`
  writeFileSync(beside, value, { mode: 0o600, flag: 'wx' })
  renameSync(beside, file)
  return file
}

/** What is there already is somebody's, unless a run that was killed left it. */
function linkTo(content: string, link: string): void {
  const there = lstatSync(link, { throwIfNoEntry: false })
  if (there) {
    if (!there.isSymbolicLink() || !isPrivatePath(readlinkSync(link))) {
      end('MOUNT_REFUSED', { file: link, reason: 'something is there, and it is left as it is' })
    }
    rmSync(link)
  }
  try {
    symlinkSync(content, link)
  } catch (cause) {
    const { code = 'it cannot be made' } = cause as NodeJS.ErrnoException
    end('MOUNT_REFUSED', { file: link, reason: reasons.get(code) ?? code })
  }
}

const reasons: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'its folder is not there'],
  ['ENOTDIR', 'its folder is no folder'],
  ['EACCES', 'its folder is not yours to write'],
])
