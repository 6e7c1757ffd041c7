import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { Configuration } from '../src/configuration.ts'
import type { ConnectOptions } from '../src/settings.ts'
import { ManualClock, type World, createWorld } from './test-surroundings.ts'

/** A world whose plane is gone, with these files in its working folder. */
async function offline(t: TestContext, files: Record<string, string>): Promise<World> {
  const world = await createWorld(t, new ManualClock())
  await world.plane.close()
  for (const [name, text] of Object.entries(files)) await writeFile(join(world.home, name), text)
  return world
}

async function standIn(world: World, env: Record<string, string> = {}, options: ConnectOptions = {}): Promise<Configuration> {
  return world.connect(options, { env: { ESC_BACKWARD_COMPATIBILITY: 'on', ...env } })
}

test('.env files stand in where that is switched on, and it is said which', async (t) => {
  const world = await offline(t, { '.env': 'SHOP_NAME="Lockside"\nPAGE_SIZE=6\n' })
  const config = await standIn(world)
  assert.deepEqual([config.source, config.revision, config.environment], ['dotenv', 0, 'shop/dev'])
  assert.equal(config.variable('SHOP_NAME'), 'Lockside')
  assert.equal(config.number('environmentVariables.PAGE_SIZE'), 6)
  assert.deepEqual(world.codes(), ['dotenv-used'])
  assert.match(world.notices[0]!.message, /^shop\/dev: \.env and the variables of this process are used, because no plane answers/)
})

test('without the switch nothing stands in, and the error says what was tried', async (t) => {
  const world = await offline(t, { '.env': 'A=1\n' })
  await assert.rejects(world.connect(), (error) => {
    assert.match(String(error), /cannot be had: no plane answers at http.*; there is no copy in .*ESC_BACKWARD_COMPATIBILITY=on/)
    return true
  })
})

test('files of the stage win over the general one, local ones over both, and the process over all', async (t) => {
  const world = await offline(t, {
    '.env': 'A=general\nB=general\nC=general\nD=general\n',
    '.env.production': 'B=stage\nC=stage\nD=stage\n',
    '.env.production.local': 'C=local\nD=local\n',
    '.env.staging': 'A=staging\n',
  })
  const config = await standIn(world, { D: 'process' }, { environment: 'shop/production' })
  assert.deepEqual(
    ['A', 'B', 'C', 'D'].map((name) => config.variable(name)),
    ['general', 'stage', 'local', 'process'],
  )
})

test('values are as npm dotenv reads them: nothing is expanded or run', async (t) => {
  const world = await offline(t, { '.env': 'A=${HOME}/x\nB=$(id)\nC=`id`\n' })
  const config = await standIn(world, { HOME: '/home/somebody' })
  assert.deepEqual([config.variable('A'), config.variable('B'), config.variable('C')], ['${HOME}/x', '$(id)', 'id'])
})

test('secrets are told by their names, and placeholders are warned of by name', async (t) => {
  const world = await offline(t, { '.env': 'PAYMENT_KEY=Zq81xv-not-shown-77\nSMTP_PASSWORD=<your-smtp-password>\nSHOP_NAME=x\n' })
  const config = await standIn(world)
  assert.equal(config.isSecret('environmentVariables.PAYMENT_KEY'), true)
  assert.equal(config.isSecret('environmentVariables.SHOP_NAME'), false)
  assert.match(world.notices[0]!.message, /only placeholders are SMTP_PASSWORD$/)
  assert.equal(world.notices[0]!.message.includes('Zq81xv'), false)
})

test('without any file the variables of the process stand in alone', async (t) => {
  const world = await offline(t, {})
  const config = await standIn(world, { SHOP_NAME: 'from the process' })
  assert.deepEqual([config.source, config.variable('SHOP_NAME')], ['environment', 'from the process'])
  assert.deepEqual(world.codes(), ['environment-used'])
})

test('a program without a plane or token starts from its files', async (t) => {
  const world = await offline(t, { '.env': 'A=1\n' })
  const { connect } = await import('../src/connect.ts')
  const surroundings = { ...world.surroundings, env: { ESC_BACKWARD_COMPATIBILITY: 'true', HEADGATE_ENVIRONMENT: 'shop/dev' } }
  const notices: string[] = []
  const config = await connect({ report: ({ message }) => void notices.push(message) }, surroundings)
  assert.equal(config.variable('A'), '1')
  assert.match(notices[0]!, /no plane is named: looked in the option `url`, HEADGATE_URL and .*credentials\.json/)
  assert.equal(await config.refresh(), 'failed')
  await config.close()
})

test('a file that cannot be read is an error, not a gap', async (t) => {
  const world = await offline(t, {})
  await mkdir(join(world.home, '.env'))
  await assert.rejects(standIn(world), { code: 'FILE_UNREADABLE' })
})
