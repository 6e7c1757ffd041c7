import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { groundIn, openPlane } from '../tools/torture/store/plane-at.ts'
import { eventually } from '../test/eventually.ts'
import { leaveOut } from '../test/left-out.ts'
import { temporaryFolder } from '../test/temporary-folder.ts'

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
    const megabytes = (regions: readonly Buffer[]) => Math.round(regions.reduce((sum, { length }) => sum + length, 0) / 2 ** 20)
    t.diagnostic(`keys in the ${megabytes(working)} MB of the working plane: ${[...found].join(', ')}`)
    const values1 = new Set(within(working, values)).size
    const values2 = new Set(within(closed, values)).size
    t.diagnostic(
      `of ${SECRETS} values that were used, so many are left in memory nobody holds: ${values1} while it works, ${values2} after`,
    )
    assert.deepEqual(within(closed, keys), [], 'in the memory of a plane whose keyring is closed')
  },
)

interface Needle {
  readonly name: string
  readonly bytes: Buffer
}

function spellings(name: string, bytes: Buffer): Needle[] {
  const texts = [bytes.toString('hex'), bytes.toString('base64').slice(0, -4), bytes.toString('base64url').slice(0, -4)]
  return [bytes, ...texts.map((text) => Buffer.from(text)), Buffer.from(bytes.toString('latin1'), 'utf16le')].map((each) => ({
    name,
    bytes: each,
  }))
}

/** Every key there is, taken from the folder by a plane of this process when the other has ended. */
async function keysOf(folder: string): Promise<Needle[]> {
  const { sealed, close } = await openPlane(groundIn(folder))
  const { keyring } = sealed.vault
  const data = [...keyring.all()].map(({ purpose, key }) => ({ name: `${purpose} key`, bytes: key.secret.export() }))
  const root = { name: 'root key', bytes: Buffer.from(keyring.root().reveal()) }
  const needles = [root, ...data].flatMap(({ name, bytes }) => spellings(name, bytes).slice(0, 4))
  await close()
  return needles
}

/**
 * What a core dump of a process would hold: all of its memory that it can write to and nobody else. Undefined where it
 * cannot be read.
 */
async function memoryOf(pid: number): Promise<Buffer[] | undefined> {
  try {
    process.kill(pid, 'SIGSTOP')
    const maps = readFileSync(`/proc/${pid}/maps`, 'utf8')
    await using memory = await open(`/proc/${pid}/mem`, 'r')
    const regions: Buffer[] = []
    for (const [, begin = '', end = ''] of maps.matchAll(/^([0-9a-f]+)-([0-9a-f]+) rw.p/gm)) {
      const start = Number.parseInt(begin, 16)
      const content = Buffer.alloc(Number.parseInt(end, 16) - start)
      const { bytesRead } = await memory.read(content, 0, content.length, start).catch(() => ({ bytesRead: 0 }))
      regions.push(content.subarray(0, bytesRead))
    }
    return regions
  } catch {
    return undefined
  } finally {
    process.kill(pid, 'SIGCONT')
  }
}

/** The names of the needles that are in some memory, each once; all of them are looked for in one pass. */
function within(regions: readonly Buffer[], needles: readonly Needle[]): string[] {
  const beginnings = new Map<number, Needle[]>()
  const known = new Uint8Array(2 ** 16)
  for (const needle of needles) {
    const beginning = needle.bytes.readUInt16LE(0)
    known[beginning] = 1
    beginnings.set(beginning, [...(beginnings.get(beginning) ?? []), needle])
  }
  const found = new Set<Needle>()
  for (const region of regions) {
    let previous = 0
    for (let at = 0; at < region.length; at += 1) {
      const byte = region[at] as number
      const pair = previous | (byte << 8)
      previous = byte
      if (known[pair] === 0) continue
      for (const needle of beginnings.get(pair) ?? []) if (startsAt(region, at - 1, needle.bytes)) found.add(needle)
    }
  }
  return [...found].map(({ name }) => name)
}

function startsAt(region: Buffer, begin: number, bytes: Buffer): boolean {
  return begin >= 0 && region.subarray(begin, begin + bytes.length).equals(bytes)
}

async function startPlane(t: TestContext, folder: string) {
  const words = [
    '--expose-gc',
    '--conditions=source',
    '--disable-warning=ExperimentalWarning',
    join(import.meta.dirname, 'memory-process.ts'),
    folder,
  ]
  const child = spawn(process.execPath, words, { stdio: ['pipe', 'pipe', 'inherit'] })
  t.after(() => child.kill('SIGKILL'))
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
  const until = (word: string) => eventually(() => said.split('\n').includes(word), { within: 120_000 })
  await until('open')
  return {
    pid: child.pid ?? 0,
    async tell(line: string, answer?: string): Promise<void> {
      child.stdin.write(`${line}\n`)
      if (answer === undefined) await once(child, 'exit')
      else await until(answer)
    },
  }
}
