import assert from 'node:assert/strict'
import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { plannedValues, planMigration } from '@headgate/scan'
import { leaveOut } from '../test/left-out.ts'
import { sharedFolder } from '../test/shared-folder.ts'
import { makeHome, runHeadgate, startPlane } from './plane-process.ts'

const corpus = sharedFolder('env-corpus')

/** Names `run` never takes from an environment, because a program could not start with them. */
const withheld = new Set(['PATH', 'HOME', 'PS1'])

if (corpus === undefined) leaveOut('real .env files migrated and run with', 'no folder of conformance data beside the repository')
else {
  test('a program run after a migration has exactly the planned values of every real .env file', { timeout: 300_000 }, async (t) => {
    const home = makeHome(t)
    const plane = await startPlane(t, home)
    const printer = join(home.folder, 'print.mjs')
    writeFileSync(printer, 'process.stdout.write(JSON.stringify(process.env))')
    for (const file of readdirSync(corpus).filter((name) => name.endsWith('.env'))) {
      const project = `p${file.slice(0, 2)}`
      const folder = join(home.folder, project)
      mkdirSync(folder)
      copyFileSync(join(corpus, file), join(folder, '.env'))
      const plan = planMigration([{ name: '.env', text: readFileSync(join(corpus, file)) }], { project, environment: 'dev' })
      const [planned] = plan.environments
      assert.ok(planned, file)
      const words = ['--project', project, '--environment', 'dev', '.env']
      const applied = await runHeadgate(t, plane, ['migrate', 'apply', '--yes', ...words], { cwd: folder })
      assert.equal(applied.code, 0, `${file}\n${applied.stderr}`)
      const ran = await runHeadgate(t, plane, ['run', `${project}/dev`, '--', 'node', printer], { cwd: folder })
      const environment = JSON.parse(ran.stdout) as Record<string, string>
      for (const [key, { value }] of plannedValues(planned)) {
        if (!withheld.has(key)) assert.equal(environment[key], value.reveal(), `${file}: ${key}`)
      }
      const validated = await runHeadgate(t, plane, ['migrate', 'validate', ...words], { cwd: folder })
      assert.equal(validated.code, 0, `${file}\n${validated.stdout}${validated.stderr}`)
    }
    const verified = await runHeadgate(t, plane, ['audit', 'verify'])
    assert.equal(verified.code, 0, verified.stdout)
  })
}
