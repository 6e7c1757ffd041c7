/**
 * The workload in a process of its own, to be killed and lied to:
 *
 *   node --conditions=source tools/torture/store/workload-process.ts FOLDER SEED ACTS [early]
 */
import { writeSync } from 'node:fs'
import { groundIn, openPlane } from './plane-at.ts'
import { runWorkload } from './workload.ts'

const [folder = '', seed = '0', acts = '0', answers] = process.argv.slice(2)
const say = (line: string): void => void writeSync(1, line)
const plane = await openPlane(groundIn(folder))
say('ready\n')
await runWorkload(plane, { seed: Number(seed), acts: Number(acts), say, answers: answers === 'early' ? 'early' : 'when-told' })
await plane.close()
say('closed\n')
