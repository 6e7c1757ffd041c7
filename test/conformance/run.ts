/**
 * `npm run conformance -- FOLDER…`: runs every case of folders laid out like `esc-conformance` (`eval/*`, `crypt/*`),
 * prints what differs for each that fails, and ends with `N passed, N failed`. Exit code 1 if any failed.
 */
import { type CaseResult, runSuite } from './lang/suite.ts'
import { sharedFolder } from '../shared-folder.ts'

const given = process.argv.slice(2)
const folders = given.length > 0 ? given : [sharedFolder('esc-conformance')].filter((folder) => folder !== undefined)
if (folders.length === 0) {
  console.log('left out: there is no folder of conformance data on this machine; name one')
  process.exit(given.length > 0 ? 1 : 0)
}

let passed = 0
let failed = 0
for (const folder of folders) {
  for await (const result of runSuite(folder)) report(result)
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 || passed === 0 ? 1 : 0

function report(result: CaseResult): void {
  if (result.failure === undefined) passed++
  else {
    failed++
    console.log(`✗ ${result.name}\n${result.failure}`)
  }
}
