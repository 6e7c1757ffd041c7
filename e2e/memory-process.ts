/**
 * A plane that works with secrets it reads from standard input, then forgets them, then closes its keyring; searched by
 * memory.test.ts after each step. It goes on with each line on standard input.
 *
 *   node --expose-gc --conditions=source e2e/memory-process.ts FOLDER [SOURCE [URL]]
 */
import { once } from 'node:events'
import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { writeHeapSnapshot } from 'node:v8'
import { type OpenPlane, groundIn, openPlane } from '../tools/torture/store/plane-at.ts'
import { type OtherSource, keySourceOf } from './memory-key-source.ts'

const [folder = '', source, url] = process.argv.slice(2)
const lines = createInterface({ input: process.stdin })
const nextLine = async (): Promise<string> => String((await once(lines, 'line'))[0])
const say = (text: string): void => void writeSync(1, `${text}\n`)
const params = { organisation: 'main', project: 'shop', environment: 'dev' }
const origin = { request: 'made-up', address: '127.0.0.1' }

const outside =
  source === undefined ? {} : { keySource: keySourceOf(source as OtherSource, folder, { line: process.env['HEADGATE_ROOT_KEY'], url }) }
const plane = await openPlane(groundIn(folder), outside)
say('open')
await work(plane, await nextLine())
await collect()
writeHeapSnapshot(join(folder, 'working.heapsnapshot'))
say('worked')
await nextLine()
await plane.close()
await collect()
writeHeapSnapshot(join(folder, 'closed.heapsnapshot'))
say('closed')
await nextLine()
process.exit(0)

/** Saves the secrets, opens them and lets editors see them: every way a value takes through the plane. */
async function work({ operations, caller }: OpenPlane, given: string): Promise<void> {
  const secrets = JSON.parse(given) as string[]
  const text = `values:\n${secrets.map((secret, n) => `  s${n}: {fn::secret: ${secret}}\n`).join('')}`
  const created = await operations.call('createEnvironment', caller, { params, query: {}, body: { text } }, origin)
  if (!created.ok) throw new Error(created.problem.code)
  for (let n = 0; n < 5; n += 1) {
    const opened = await operations.call('openEnvironment', caller, { params, query: {}, body: undefined }, origin)
    const unsealed = await operations.call('unsealEnvironment', caller, { params, query: {}, body: undefined }, origin)
    if (!opened.ok || !unsealed.ok) throw new Error('it does not open')
    if (opened.value.values['s0'] !== secrets[0] || !unsealed.value.text.includes(String(secrets[0])))
      throw new Error('it opens to something else')
  }
}

/** Lets everything nobody holds be collected, what is freed by finalizers too. */
async function collect(): Promise<void> {
  for (let n = 0; n < 6; n += 1) {
    globalThis.gc?.()
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
