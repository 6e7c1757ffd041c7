/** Goes on with a rotation and kills itself at the n-th commit, or beside the writing of the key file. Run by the rotation test. */
import { keyFileSource } from '@headgate/vault'
import { begin, everything } from './rotated-folder.ts'
import { openPlace } from './sealed-folder.ts'

const [folder = '', keyFile = '', what = '', at = ''] = process.argv.slice(2)
const die = () => process.kill(process.pid, 'SIGKILL')
const file = keyFileSource({ file: keyFile })
const keySource = {
  ...file,
  async store(...words: Parameters<typeof file.store>) {
    if (at === 'before the file') die()
    await file.store(...words)
    if (at === 'behind the file') die()
  },
}
const sealed = await openPlace({ root: '', folder, keyFile }, { keySource, rotation: { batch: 40, threadFrom: 1 } })
let commits = 0
sealed.store.onCommit(() => {
  commits += 1
  if (commits === Number(at)) die()
})
const { keys } = sealed
if (what === 'start') await begin(sealed, await keys.planStart(everything))
else if (what === 'undo') await begin(sealed, await keys.planUndo(), 'keys.undo')
else if (what === 'finish') await begin(sealed, await keys.planFinish(), 'keys.finish')
await keys.idle()
await sealed.close()
process.stdout.write(`${commits}\n`)
