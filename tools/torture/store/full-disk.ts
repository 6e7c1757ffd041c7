import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { type Attempt, type Bench, type Tally, tallyOf } from './torture.ts'
import { ledgerFile } from './trace.ts'

/**
 * A disk of its own in memory, worked on until it is full and beyond, then given room and worked on again. The mount is
 * in a name space that ends with the script.
 */
const SCRIPT = `
set -e
mkdir "$HOME_FOLDER/disk"
mount -t tmpfs -o size="$ROOM" none "$HOME_FOLDER/disk"
cp -r "$HOME_FOLDER/data" "$HOME_FOLDER/keys" "$HOME_FOLDER/token" "$HOME_FOLDER/disk"
"$NODE" "$PROGRAM" "$HOME_FOLDER/disk" "$SEED" "$ACTS" > "$HOME_FOLDER/ledger" || true
mount -o remount,size="$MORE_ROOM" "$HOME_FOLDER/disk"
"$NODE" "$PROGRAM" "$HOME_FOLDER/disk" "$((SEED + 1))" 9 > "$HOME_FOLDER/ledger-after"
rm -r "$HOME_FOLDER/data" "$HOME_FOLDER/keys"
cp -r "$HOME_FOLDER/disk/data" "$HOME_FOLDER/disk/keys" "$HOME_FOLDER"
`

const separate = ['unshare', '--map-root-user', '--mount']

/** Whether a small disk can be mounted here. */
export function canMount(): boolean {
  try {
    const [command = '', ...words] = separate
    execFileSync(command, [...words, 'mount', '-t', 'tmpfs', 'none', '/mnt'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Runs a plane into a full disk, with a little more room each time. */
export async function tortureByFullDisk(bench: Bench, count: number): Promise<Tally> {
  const kind = 'a full disk'
  if (!canMount()) return { kind, points: 0, runs: 0, failures: [], leftOut: 'a small disk in memory cannot be mounted here' }
  const attempts: Attempt[] = []
  for (let n = 0; n < count; n += 1) attempts.push(await fill(bench, n))
  return tallyOf(kind, count, attempts)
}

async function fill(bench: Bench, n: number): Promise<Attempt> {
  const folder = bench.fresh()
  // What is there already, the room the database needs to take over its log, and a little to work in.
  const kilobytes = Number(execFileSync('du', ['-sk', folder], { encoding: 'utf8' }).split('\t')[0]) + 200 + bench.random.below(100) * 4
  const what = `a disk of ${kilobytes} KiB`
  const [command = '', ...words] = separate
  const environment = {
    ...process.env,
    HOME_FOLDER: folder,
    NODE: process.execPath,
    PROGRAM: bench.program,
    ROOM: `${kilobytes}k`,
    MORE_ROOM: '64m',
    SEED: String(bench.seed + 10 * n),
    ACTS: '600',
  }
  const { status, stderr } = spawnSync(command, [...words, 'sh', '-c', SCRIPT], { env: environment, encoding: 'utf8' })
  if (status !== 0) return { what, broken: [`it ended with exit code ${status}: ${stderr.slice(0, 600)}`] }
  const said = readFileSync(ledgerFile(folder), 'utf8')
  const after = readFileSync(`${ledgerFile(folder)}-after`, 'utf8')
  const attempt = await bench.check(folder, `${said}${after}`, what)
  const full = said.includes(' STORE_')
  return { what, broken: [...attempt.broken, ...(full ? [] : ['it was never full']), ...refused(after)] }
}

function refused(after: string): string[] {
  return after.includes('failed') ? [`with room again it still refuses: ${after.slice(-200)}`] : []
}
