/**
 * The main job, `npm start`: a plane, a migration of real `.env` files, a running application that follows its
 * configuration, releases under load with one that has to go back, a verified audit log, and a short report. `tools/start/` holds the parts; this file is the story.
 */
import { parseArgs } from 'node:util'
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
  const stage = await Stage.open()
  const interrupted = stage.untilInterrupted()
  try {
    const told = await Promise.race([tell(stage, values), interrupted])
    if (told === 'interrupted') return 130
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

process.exitCode = await main()
