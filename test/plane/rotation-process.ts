/**
 * A plane that is killed while it rotates a secret: before its rotator answered, or after the answer and before a revision
 * has it. What the rotator made is in the file `replaced`.
 *
 *   node --conditions=source test/plane/rotation-process.ts FOLDER asked|answered
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { exportedValue } from '@headgate/lang'
import { groundIn, openPlane } from '../../tools/torture/store/plane-at.ts'

const [folder = '', when = ''] = process.argv.slice(2)
const params = { organisation: 'main', project: 'shop', environment: 'dev' }
const origin = { request: 'made-up', address: '127.0.0.1' }
const text = 'values:\n  db:\n    fn::rotate::made-up:\n      inputs: {user: app}\n      state: {password: {fn::secret: old}}\n'

const die = (): never => {
  process.kill(process.pid, 'SIGKILL')
  throw new Error('still there')
}
let replaced = false
const rotator = {
  schema: () => ({ inputs: true, state: true, outputs: true }),
  // Opened with its new state once that is known to the language: the last moment before the revision.
  open: async (_inputs: unknown, state: unknown) => (replaced ? die() : exportedValue(state)),
  rotate: async () => {
    writeFileSync(join(folder, 'replaced'), 'made outside')
    replaced = true
    return when === 'asked' ? die() : { password: exportedValue('made outside', { secret: true }) }
  },
}
const providers = {
  providerNames: [],
  rotatorNames: ['made-up'],
  provider: (name: string) => ({ failure: `unknown provider ${name}` }),
  rotator: () => rotator,
}
const { operations, caller } = await openPlane(groundIn(folder), { providers })
const created = await operations.call('createEnvironment', caller, { params, query: {}, body: { text } }, origin)
if (!created.ok) throw new Error(created.problem.message)
await operations.call('rotateEnvironment', caller, { params, query: {}, body: {} }, origin)
