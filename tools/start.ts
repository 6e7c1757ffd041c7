/**
 * The main job, `npm start`: a plane, a migration of real `.env` files, a running application that follows its
 * configuration, releases under load with one that has to go back, a verified audit log, and a short report. `tools/start/` holds the parts; this file is the story.
 */
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { bringBundle } from './bundle-command.ts'
import { Stage } from './start/stage.ts'
import { changeSetting, migrate, startPlane, startShop, verifyAudit } from './start/configuration-journey.ts'
import { releaseJourney, stopEverything } from './start/release-journey.ts'

const usage = `npm start [-- OPTIONS]

  --once        end after the report, with exit code 0 when every step did what it should, else 1
  --env FILE    take over this .env instead of the example's
  --app FOLDER  release your own folder, which holds a headgate.yaml and a .env, instead of the example
  --help        this text
`

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { once: { type: 'boolean' }, env: { type: 'string' }, app: { type: 'string' }, help: { type: 'boolean' } },
  })
  if (values.help) {
    process.stdout.write(usage)
    return 0
  }
  const missing = await missingOf(values)
  if (missing !== undefined) {
    process.stderr.write(`${missing}\n`)
    return 2
  }
  // The command starts in half the time then. Where it cannot be bundled it runs from its sources, which say why.
  await bringBundle().catch(() => undefined)
  const stage = await Stage.open()
  const interrupted = stage.untilInterrupted()
  try {
    const told = await Promise.race([tell(stage, values), interrupted])
    if (told === 'interrupted') {
      stage.say('\ninterrupted; ending what was started')
      return 130
    }
    stage.report()
    if (values.once) return stage.failed ? 1 : 0
    stage.say(`\nIt stays up until Ctrl-C. Sign in from another terminal:\n\n${stage.signInWords()}\n`)
    await interrupted
    return 0
  } catch (cause) {
    stage.fail(cause)
    return 1
  } finally {
    await stage.close()
  }
}

/** What the options name and is not there, before anything is started. */
async function missingOf({ env, app }: { env?: string; app?: string }): Promise<string | undefined> {
  const from = process.env['INIT_CWD'] ?? process.cwd()
  const needed = [
    ...(env === undefined ? [] : [resolve(from, env)]),
    ...(app === undefined ? [] : [resolve(from, app, 'headgate.yaml'), resolve(from, app, '.env')]),
  ]
  for (const file of needed) {
    if (!(await stat(file).catch(() => undefined))?.isFile()) return `there is no file ${file}; see npm start -- --help`
  }
  return undefined
}

async function tell(stage: Stage, { env, app }: { env?: string; app?: string }): Promise<'told'> {
  const plane = await startPlane(stage)
  stage.onClose(() => stopEverything(stage))
  if (app === undefined) {
    const environments = await migrate(stage, plane, env)
    const shop = await startShop(stage, plane, environments)
    await changeSetting(stage, plane, shop)
  }
  // Somebody's own .env says nothing of how to release what it belongs to.
  if (env === undefined) await releaseJourney(stage, plane, app)
  await verifyAudit(stage, plane)
  return 'told'
}

// What was interrupted is still waited for somewhere, and nobody wants it any more.
process.exit(await main())
