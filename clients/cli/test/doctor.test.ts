import assert from 'node:assert/strict'
import { chmod, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { freePort } from '../../../test/free-port.ts'
import { type Session, startSession } from './transcript/session.ts'

interface Finding {
  readonly what: string
  readonly state: string
  readonly says: string
  readonly fix?: string
}

async function session(context: TestContext): Promise<Session> {
  const started = await startSession()
  context.after(() => started.end())
  return started
}

async function doctor(there: Session, words: readonly string[] = [], env: Record<string, string> = {}) {
  const said = await there.run(['doctor', '--json', ...words], { env })
  const { findings } = JSON.parse(said.stdout) as { findings: Finding[] }
  return { exitCode: said.exitCode, states: Object.fromEntries(findings.map(({ what, state }) => [what, state])), findings }
}

test('where nothing runs, the doctor says how to start', async (t) => {
  const { exitCode, states, findings } = await doctor(await session(t), ['--url', 'http://127.0.0.1:9'])
  assert.equal(exitCode, 1)
  assert.deepEqual(states, { Node: 'ok', credentials: 'ok', plane: 'failed', 'key file': 'left out', 'data folder': 'left out' })
  assert.match(findings.find(({ what }) => what === 'plane')?.fix ?? '', /headgate serve/)
  const refused = await doctor(await session(t), ['--url', `http://127.0.0.1:${await freePort()}`])
  assert.match(refused.findings.find(({ what }) => what === 'plane')?.says ?? '', /nobody listens there/)
})

test('where all is well nothing is in the way, and what others could read is found with its remedy', async (t) => {
  const there = await session(t)
  const { url, token = '', data, keyFile } = await there.startPlane()
  const words = ['--data', data, '--key-file', keyFile]
  const signedIn = { HEADGATE_URL: url, HEADGATE_TOKEN: token }
  const well = await doctor(there, words, signedIn)
  assert.deepEqual([well.exitCode, Object.values(well.states).filter((state) => state !== 'ok' && state !== 'warning')], [0, []])
  await chmod(keyFile, 0o644)
  await chmod(data, 0o755)
  const ill = await doctor(there, words, { ...signedIn, HEADGATE_TOKEN: 'made-up-token' })
  assert.equal(ill.exitCode, 1)
  const failed = ill.findings.filter(({ state }) => state === 'failed')
  assert.deepEqual(
    failed.map(({ what }) => what),
    ['token', 'key file', 'data folder'],
  )
  assert.ok(failed.every(({ fix }) => fix !== undefined))
  assert.doesNotMatch(JSON.stringify(ill.findings), /made-up-token/)
  const people = await there.run(['doctor', ...words], { env: signedIn })
  assert.match(people.stdout, /✗ key file .*others can read[\s\S]*try: chmod 600[\s\S]*2 things are in the way\n$/)
})

test('looking changes nothing', async (t) => {
  const there = await session(t)
  const before = await readdir(there.folder)
  await doctor(there, ['--data', join(there.folder, 'nowhere')])
  assert.deepEqual(await readdir(there.folder), before)
})
