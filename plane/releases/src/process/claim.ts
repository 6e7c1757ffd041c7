import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ProcessIdentity, parseStat } from './process-table.ts'

/**
 * Runs an instance's command once and never twice.
 *
 * The shell first makes the claim, a file that only one process can make, and writes down who it is; then it becomes
 * the command. Whoever starts the same attempt a second time (because the first starter was killed before it could
 * tell) finds the claim made, ends, and the first process stays the only one. Nothing has to be remembered between the
 * start of the process and the knowledge of it.
 *
 * $1 is the command, $2 the claim, $3 where a control group lists its processes, or empty.
 */
export const LAUNCH = `
set -C
if [ -r /proc/$$/stat ]; then
  read -r boot < /proc/sys/kernel/random/boot_id
  read -r stat < /proc/$$/stat
else
  boot=
  stat="$$ () ? 0 0 0"
fi
{ printf '%s\\n%s\\n' "$boot" "$stat" > "$2"; } 2>/dev/null || exit 73
set +C
if [ -n "$3" ]; then echo $$ > "$3" || exit 74; fi
exec /bin/sh -c "$1"
`

/** The launcher's exit codes: somebody else has the claim; the control group did not take the process. */
export const CLAIMED = 73
export const NOT_LIMITED = 74

export function claimPath(folder: string, attempt: number): string {
  return join(folder, `${CLAIM}${attempt}`)
}

const CLAIM = 'claim.'

/** Every attempt that was ever claimed below a folder of instances. */
export async function attemptsIn(folder: string): Promise<{ readonly id: string; readonly attempt: number }[]> {
  const instances = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory())
  const claims = instances.map(async ({ name: id }) => {
    const files = await readdir(join(folder, id)).catch(() => [])
    const attempts = files.filter((file) => file.startsWith(CLAIM)).map((file) => Number(file.slice(CLAIM.length)))
    return attempts.map((attempt) => ({ id, attempt }))
  })
  return (await Promise.all(claims)).flat()
}

/**
 * Takes the claim of an attempt away for good, so that a launcher which was begun and has not come to it yet (its
 * starter was killed, or is slow) never becomes the command.
 *
 * @returns false where somebody has claimed it
 */
export async function burnClaim(folder: string, attempt: number): Promise<boolean> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  try {
    await writeFile(claimPath(folder, attempt), 'stopped', { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return false
  }
}

/**
 * Who has claimed an attempt. `unclaimed`: nobody, so nothing of it was ever run. `torn`: somebody who was killed
 * before it could write down who it was, and so before it became the command; or it was stopped before it began.
 */
export async function readClaim(folder: string, attempt: number): Promise<ProcessIdentity | 'unclaimed' | 'torn'> {
  const text = await readFile(claimPath(folder, attempt), 'latin1').catch(() => undefined)
  if (text === undefined) return 'unclaimed'
  const [boot = '', line = ''] = text.split('\n')
  const entry = text.endsWith('\n') && line !== '' ? parseStat(line) : undefined
  if (entry !== undefined) return { pid: entry.pid, started: `${boot}/${entry.startTick}` }
  const pid = Number.parseInt(line, 10)
  return text.endsWith('\n') && Number.isSafeInteger(pid) ? { pid, started: '' } : 'torn'
}
