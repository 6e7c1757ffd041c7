import assert from 'node:assert/strict'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import { leaveOut } from '../../left-out.ts'
import { accepting, proving } from '../../proving.ts'
import { NO_CLIENTS, clientBinary } from '../../pulumi/client-binaries.ts'
import { sharedFolder } from '../../shared-folder.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { RECORDINGS, type Recorded, readRecordings, recordExchanges } from './recording.ts'
import { caseFiles, runCase, twinCase } from './run-suite.ts'

const folder = sharedFolder('esc-cli-conformance')
const binary = clientBinary('esc')
const WHAT = 'the command-line cases of the protocol'

/** One case of each family runs with the real client every time; all of them in `npm run prove` and `npm run conformance:cli`. */
const ALWAYS = [
  'env-clone-ok',
  'env-edit-editor-ok-draft',
  'env-get-each-value-json',
  'env-init-ok',
  'env-set-draft',
  'env-tag',
  'env-version-retract',
  'env-webhook-edit-events',
  'env-schedule-ok',
  'open-json',
  'run',
]

test(
  'the recorded requests of every case are answered as they were recorded, and as the protocol says',
  { timeout: 300_000 },
  async (t) => {
    if (folder === undefined) return leaveOut(WHAT, 'no shared data', t)
    const recordings = readRecordings()
    const failures: string[] = []
    for (const file of caseFiles(folder)) {
      const { name, failure } = await twinCase(file, recordings[basename(file, '.yaml')])
      if (failure !== undefined) failures.push(`${name}\n${failure}`)
    }
    assert.equal(failures.join('\n'), '')
  },
)

test('the real command line prints what the cases say', { timeout: 3_600_000 }, async (t) => {
  if (folder === undefined) return leaveOut(WHAT, 'no shared data', t)
  if (binary === undefined) return leaveOut('the command-line cases with the real client', NO_CLIENTS, t)
  const every = proving || accepting
  const files = caseFiles(folder).filter((file) => every || ALWAYS.includes(basename(file, '.yaml')))
  assert.ok(files.length >= ALWAYS.length)
  const failures: string[] = []
  const recorded: Record<string, readonly Recorded[]> = { ...readRecordings() }
  for (const file of files) {
    const { name, failure, exchanges } = await runCase(file, binary)
    if (failure !== undefined) failures.push(`${name}\n${failure}`)
    if (failure === undefined) recorded[name] = recordExchanges(exchanges)
    if (accepting) writeFileSync(RECORDINGS, `${JSON.stringify(recorded, undefined, 1)}\n`)
  }
  assert.equal(failures.join('\n'), '')
})

test('a case whose expectation is falsified turns red', { timeout: 120_000 }, async (t) => {
  if (folder === undefined) return leaveOut(WHAT, 'no shared data', t)
  const recordings = readRecordings()
  const suite = temporaryFolder(t)
  mkdirSync(join(suite, 'cases'))
  const file = join(suite, 'cases', 'env-tag.yaml')
  cpSync(join(folder, 'cases', 'env-tag.yaml'), file)
  writeFileSync(file, readFileSync(file, 'utf8').replace('team: esc', 'team: other'))
  assert.match((await twinCase(file, recordings['env-tag'])).failure ?? 'it passed', /tags/)
  if (binary !== undefined) assert.match((await runCase(file, binary)).failure ?? 'it passed', /stdout differs/)
})
