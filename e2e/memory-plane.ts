import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { KeySource } from '@headgate/vault'
import { groundIn, openPlane } from '../tools/torture/store/plane-at.ts'
import { eventually } from '../test/eventually.ts'
import { type Needle, spellings } from './memory-search.ts'

/** A plane in a process of its own, over a folder; further words and variables say where its root key is. */
export async function startPlane(t: TestContext, folder: string, further: readonly string[] = [], variables: Record<string, string> = {}) {
  const words = [
    '--expose-gc',
    '--conditions=source',
    '--disable-warning=ExperimentalWarning',
    join(import.meta.dirname, 'memory-process.ts'),
    folder,
    ...further,
  ]
  const child = spawn(process.execPath, words, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...variables } })
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

/** Every key there is, taken from the folder by a plane of this process when the other has ended. */
export async function keysOf(folder: string, keySource?: KeySource): Promise<Needle[]> {
  const { sealed, close } = await openPlane(groundIn(folder), keySource ? { keySource } : {})
  const { keyring } = sealed.vault
  const data = [...keyring.all()].map(({ purpose, key }) => ({ name: `${purpose} key`, bytes: key.secret.export() }))
  const root = { name: 'root key', bytes: Buffer.from(keyring.root().reveal()) }
  const needles = [root, ...data].flatMap(({ name, bytes }) => spellings(name, bytes).slice(0, 4))
  await close()
  return needles
}
