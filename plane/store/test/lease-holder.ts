/**
 * Takes a lease as soon as it can, then acts under it without end: each act is a Change that expects the lease at its
 * epoch. Prints what happens, a line each. Paused and killed by the tests of leases.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Secret } from '@headgate/model'
import { insert, openDatabase } from '@headgate/store'
import { someAudit } from './conformance/plain-protection.ts'
import { organisation, startStore } from './conformance/plain-store.ts'

const [folder = '', owner = '', duration = ''] = process.argv.slice(2)
const address = process.env['HEADGATE_DATABASE']
const { store, commit } = await startStore(
  await openDatabase({ folder, ...(address === undefined ? {} : { address: new Secret(address) }) }),
  'founded',
)
const hold = async () => store.leases.acquire('act', owner, Date.now() + Number(duration), Date.now())

let lease = await hold()
while (!lease) {
  await sleep(20)
  lease = await hold()
}
console.log(`held ${lease.epoch}`)
for (let n = 0; ; n += 1) {
  const { epoch } = lease
  const result = await commit({
    expect: [{ kind: 'lease', lease: 'act', owner, epoch }],
    writes: [insert('projects', { organisation, name: `${String(epoch).padStart(3, '0')}-${owner}-${n}`, created_at: 1 })],
    audit: { ...someAudit, time: Date.now() },
  })
  console.log(result.ok ? `acted ${epoch}` : `fenced ${result.problem.code}`)
  if (!result.ok || !(await store.leases.renew(lease, Date.now() + Number(duration), Date.now()))) {
    console.log('lost')
    break
  }
  await sleep(10)
}
setInterval(() => undefined, 1_000)
