import assert from 'node:assert/strict'
import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { startProcess } from '../../../test/child-process.ts'
import { leaveOut } from '../../../test/left-out.ts'
import { readRootKey } from '../src/key-sources/root-key.ts'
import { openPlace, temporaryPlace } from './sealed-folder.ts'

const CHUNK = 8 * 1024 * 1024

/** How often each of these bytes are in the memory a process can write to. */
function countInMemory(pid: number, needles: Readonly<Record<string, Uint8Array>>): Record<string, number> {
  const found = Object.fromEntries(Object.keys(needles).map((name) => [name, 0]))
  const longest = Math.max(...Object.values(needles).map((needle) => needle.length))
  const memory = openSync(`/proc/${pid}/mem`, 'r')
  try {
    for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
      const [, from, to] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? []
      if (from === undefined || to === undefined) continue
      const end = BigInt(`0x${to}`)
      for (let at = BigInt(`0x${from}`); at < end; at += BigInt(CHUNK - longest)) {
        const bytes = Buffer.alloc(Number(end - at < BigInt(CHUNK) ? end - at : BigInt(CHUNK)))
        try {
          readSync(memory, bytes, 0, bytes.length, at)
        } catch {
          // A place that is mapped, and cannot be read.
          break
        }
        for (const [name, needle] of Object.entries(needles)) if (bytes.includes(Buffer.from(needle))) found[name] = (found[name] ?? 0) + 1
      }
    }
  } finally {
    closeSync(memory)
  }
  return found
}

test('after the keyring is closed, no key of it is in the memory of the process', async (t) => {
  if (!existsSync('/proc/self/mem')) return leaveOut('keys in memory', 'there is no /proc', t)
  const place = temporaryPlace(t)
  const script = join(import.meta.dirname, 'open-and-close.ts')
  const child = startProcess(t, ['node', '--expose-gc', '--conditions=source', script, place.folder, place.keyFile])
  await child.line(/^open$/)
  const line = readFileSync(place.keyFile)
  const root = readRootKey(line)
  assert.ok(root)
  const rootNeedles = {
    'root key': Buffer.from(root.reveal()),
    'line of the key file': line.subarray(line.indexOf('headgate-root-key-1:')).subarray(0, 64),
  }
  const before = countInMemory(child.pid, rootNeedles)
  assert.ok((before['root key'] ?? 0) > 0, 'the search finds a key that is there')
  process.kill(child.pid, 'SIGUSR2')
  await child.line(/^closed$/)
  const sealed = await openPlace(place)
  const keys = [...sealed.vault.keyring.all()].map(({ id, purpose, key }) => [`${purpose} ${id}`, key.secret.export()] as const)
  assert.ok(keys.length >= 6)
  const after = countInMemory(child.pid, { ...rootNeedles, ...Object.fromEntries(keys) })
  await sealed.close()
  process.kill(child.pid, 'SIGUSR2')
  assert.deepEqual(Object.fromEntries(Object.entries(after).filter(([, count]) => count > 0)), {})
})
