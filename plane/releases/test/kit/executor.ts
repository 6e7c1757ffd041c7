/**
 * An executor to be killed: opens a place that is there already, goes on with what it finds, and deploys what it is
 * told to. It kills itself at the moment it was given.
 *
 *   node executor.ts ROOT ENVIRONMENT RELEASE MOMENT      a moment is `EVENT|N`, the N-th record of that event
 */
import { join } from 'node:path'
import { idOf } from '@headgate/model'
import type { LogRecord } from '../../src/index.ts'
import { by, openPlane } from './plane.ts'
import { valueOf } from './upload.ts'

const [, , root = '', environment = '', release = '', moment = ''] = process.argv
const [event, number] = moment.split('|')
let seen = 0

function log(record: LogRecord): void {
  const name = record.event === 'step' ? `step ${record['state']}` : record.event
  if (name !== event) return
  seen += 1
  // SIGKILL from outside would come a moment later, when the next thing may have begun.
  if (seen === Number(number)) process.kill(process.pid, 'SIGKILL')
}

const plane = await openPlane({ root, data: join(root, 'data') }, { log })
const begun = valueOf(await plane.releases.deploy({ release: idOf<'release'>(release), by }))
const ended = await plane.releases.settled(begun.id)
console.log(`the ${environment} deployment ended ${ended.state}, and nobody was killed`)
await plane.close()
