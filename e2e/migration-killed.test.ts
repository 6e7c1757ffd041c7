import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { type TestContext, test } from 'node:test'
import { startProcess } from '../test/child-process.ts'
import { leaveOut } from '../test/left-out.ts'
import { times } from '../test/proving.ts'
import { type Home, type RunningPlane, makeHome, startPlane } from './plane-process.ts'

/**
 * The calls by which a database reaches the disk and an answer the client, each killed at its first, second, …
 * occurrence until a migration gets through without reaching it.
 */
const calls = ['pwrite64', 'fsync', 'fdatasync', 'write', 'writev'] as const

test(
  'a plane killed at any write or sync of a migration has all of it or none of it afterwards, and verifies',
  { timeout: 600_000 },
  async (t) => {
    if (!canAttach()) return leaveOut('a plane killed at every write of a migration', 'strace is not installed, or may not attach here', t)
    const home = makeHome(t)
    let plane = await startPlane(t, home)
    const seen = { points: [] as string[], all: 0, none: 0 }
    for (const call of calls) {
      for (let nth = 1; nth <= times({ short: 3, long: 1000 }); nth++) {
        const project = `${call.replace(/\d/g, '')}-${nth}`
        const killed = await migrateAndKill(t, plane, project, call, nth)
        if (!killed) break
        plane = await startPlane(t, home, plane.token)
        const written = await environmentsOf(plane, project)
        assert.ok(written === 0 || written === 2, `killed at ${call} ${nth}: ${written} of 2 environments are there`)
        seen.points.push(`${call} ${nth}`)
        seen[written === 2 ? 'all' : 'none'] += 1
        await verified(plane, home, `${call} ${nth}`)
      }
    }
    t.diagnostic(`${seen.points.length} points (${seen.points.join(', ')}): all of it ${seen.all} times, none of it ${seen.none} times`)
    assert.ok(seen.points.length > 0)
  },
)

function canAttach(): boolean {
  try {
    execFileSync('strace', ['-o', '/dev/null', '-e', 'trace=none', 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Applies a migration of two environments while the n-th such call of the plane kills it; false where it was not reached. */
async function migrateAndKill(context: TestContext, plane: RunningPlane, project: string, call: string, nth: number): Promise<boolean> {
  const tracer = startProcess(context, [
    'strace',
    '-f',
    '-p',
    String(plane.process.pid),
    '-e',
    `trace=${call}`,
    '-e',
    `inject=${call}:signal=SIGKILL:when=${nth}`,
  ])
  await tracer.line(/attached/, { from: 'stderr' })
  const environments = ['dev', 'staging'].map((environment) => {
    return { organisation: 'main', project, environment, expected: 0, text: 'values: {key: {fn::secret: made-up}, plain: 1}\n' }
  })
  const result = await plane.client.call('applyMigration', { body: { sources: ['.env'], environments } })
  if (result.ok) {
    tracer.kill('SIGINT')
    await tracer.ended()
    // Until the tracer has let go, what the plane does by itself can still be the n-th call.
    if ((await plane.client.call('listEnvironments', {})).ok) return false
  }
  await plane.process.ended()
  return true
}

async function environmentsOf(plane: RunningPlane, project: string): Promise<number> {
  const listed = await plane.client.call('listEnvironments', { query: { project } })
  assert.ok(listed.ok)
  for (const { environment } of listed.value.environments) {
    const opened = await plane.client.call('openEnvironment', { params: { organisation: 'main', project, environment } })
    assert.deepEqual(opened.ok && opened.value.values, { key: 'made-up', plain: 1 })
  }
  return listed.value.environments.length
}

async function verified(plane: RunningPlane, _home: Home, where: string): Promise<void> {
  const report = await plane.client.call('verifyAudit', {})
  assert.ok(report.ok)
  assert.deepEqual(report.value.findings, [], `killed at ${where}`)
}
