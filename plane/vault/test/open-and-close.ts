/** Opens a data folder and works with every key, closes it when it is told to, and stays: for whoever looks into its memory. */
import { setTimeout } from 'node:timers/promises'
import { Secret } from '@headgate/model'
import { begin, everything } from './rotated-folder.ts'
import { by, commit, found, inDev, openPlace } from './sealed-folder.ts'

const [folder = '', keyFile = ''] = process.argv.slice(2)
const told = new Promise((resolve) => process.once('SIGUSR2', resolve))
const alive = setInterval(() => undefined, 1_000)
const sealed = await openPlace({ root: '', folder, keyFile }, { rotation: { threadFrom: 1 } })
await found(sealed)
const { vault } = sealed
const { record, handle } = vault.sealSecret(inDev, new Secret('a value'), by.time)
await commit(sealed, [{ op: 'insert', table: 'records', row: { ...record } }])
vault.readHandle(handle)
vault.mintToken('user')
await begin(sealed, await sealed.keys.planStart(everything))
await sealed.keys.idle()
await begin(sealed, await sealed.keys.planFinish(), 'keys.finish')
await sealed.keys.idle()
process.stdout.write('open\n')
await told
await sealed.close()
// What is out of reach is wiped when it is collected.
for (let n = 0; n < 10; n += 1) {
  globalThis.gc?.()
  await setTimeout(20)
}
process.stdout.write('closed\n')
process.once('SIGUSR2', () => clearInterval(alive))
