/**
 * `npm run conformance:cli -- FOLDER`: replays the command-line cases of a folder (by default the shared ones) with the
 * real `esc` client against a plane of their own, prints what differs for each that fails, and ends with
 * `N passed, N failed`. Every answer is judged by the protocol's own description. Without the real client the recorded
 * requests are sent instead, and their answers compared.
 */
import { existsSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { NO_CLIENTS, clientBinary } from '../pulumi/client-binaries.ts'
import { sharedFolder } from '../shared-folder.ts'
import { readRecordings } from './cli/recording.ts'
import { type CaseResult, caseFiles, runCase, twinCase } from './cli/run-suite.ts'

const words = process.argv.slice(2)
const folder = words[0] === undefined ? sharedFolder('esc-cli-conformance') : resolve(words[0])
if (folder === undefined || !existsSync(folder)) {
  console.error(`there is no folder ${folder ?? 'of shared data'}; name one: npm run conformance:cli -- FOLDER`)
  process.exit(2)
}
const binary = clientBinary('esc')
const recordings = readRecordings()
if (binary === undefined) console.log(`by the wire twin: ${NO_CLIENTS}`)
let passed = 0
let failed = 0
for (const file of caseFiles(folder)) {
  if (words[1] !== undefined && !file.includes(words[1])) continue
  const recorded = recordings[basename(file, '.yaml')]
  if (binary === undefined && recorded === undefined) {
    console.log(`- ${basename(file, '.yaml')} is left out: nothing is recorded of it, and the real client is not here`)
    continue
  }
  const { name, failure } = await outcomeOf(file, () => (binary === undefined ? twinCase(file, recorded) : runCase(file, binary)))
  if (failure === undefined) passed += 1
  else {
    failed += 1
    console.log(`✗ ${name}\n${failure}`)
  }
}

console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 || passed === 0 ? 1 : 0

/** A case that cannot be run at all is one that fails, and not the end of the others. */
async function outcomeOf(file: string, run: () => Promise<CaseResult>): Promise<Pick<CaseResult, 'name' | 'failure'>> {
  try {
    return await run()
  } catch (error) {
    return { name: basename(file, '.yaml'), failure: `  it could not be run: ${error instanceof Error ? error.message : String(error)}` }
  }
}
