import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import * as esc from '@pulumi/esc-sdk'
import { leaveOut } from '../left-out.ts'
import { type ServedPlane, servePlane } from '../plane/served-plane.ts'
import { ProtocolSchema } from './protocol-schema.ts'
import { startWatchingProxy } from './watching-proxy.ts'

interface Ground {
  readonly client: esc.EscApi
  readonly plane: ServedPlane
  /** What the protocol's description says against the answers so far. */
  complaints(): string[]
}

/** The real SDK against a plane. It drops the port of its address, which is put back as docs/reference/pulumi.md says. */
async function sdkGround(context: TestContext): Promise<Ground> {
  const plane = await servePlane(context)
  const proxy = await startWatchingProxy(plane.url)
  context.after(() => proxy.close())
  const client = new esc.EscApi(new esc.Configuration({ accessToken: plane.ownerToken.reveal(), basePath: proxy.url }))
  client.config.basePath = `${proxy.url}/api/esc`
  const schema = ProtocolSchema.load()
  if (!schema) leaveOut('the schema of the answers to the SDK', 'no shared data')
  const complaints = () =>
    proxy.take().flatMap(({ method, url, status, responseHeaders, responseBody }) => {
      const path = (url.split('?')[0] ?? '').replace(/\/+/g, '/')
      const failure = schema?.judge(method, path, status, String(responseHeaders['content-type'] ?? ''), responseBody).failure
      return failure === undefined ? [] : [failure]
    })
  return { client, plane, complaints }
}

const at = ['main', 'sdk', 'base'] as const

test('the npm SDK creates, changes, opens and deletes environments', async (t) => {
  const { client, complaints } = await sdkGround(t)
  await client.createEnvironment(...at)
  assert.deepEqual((await client.openAndReadEnvironment(...at))?.values ?? {}, {})
  assert.equal((await client.updateEnvironmentYaml(...at, 'values:\n  color: blue\n'))?.diagnostics, undefined)
  await client.createEnvironment('main', 'sdk', 'app')
  await client.updateEnvironment('main', 'sdk', 'app', {
    imports: ['sdk/base'],
    values: { pw: { 'fn::secret': 'made-up-secret' }, list: [1, 2], environmentVariables: { COLOR: '${color}' } },
  })
  const listed = await client.listEnvironments('main')
  assert.deepEqual(
    listed?.environments?.map(({ project, name }) => `${project}/${name}`),
    ['sdk/app', 'sdk/base'],
  )
  const stored = await client.getEnvironment('main', 'sdk', 'app')
  assert.match(stored?.yaml ?? '', /ciphertext/)
  assert.doesNotMatch(stored?.yaml ?? '', /made-up-secret/)
  assert.match((await client.decryptEnvironment('main', 'sdk', 'app'))?.yaml ?? '', /fn::secret: made-up-secret/)
  const opened = await client.openAndReadEnvironment('main', 'sdk', 'app')
  assert.deepEqual(opened?.values, { color: 'blue', environmentVariables: { COLOR: 'blue' }, list: [1, 2], pw: 'made-up-secret' })
  const session = await client.openEnvironment('main', 'sdk', 'app')
  const property = await client.readOpenEnvironmentProperty('main', 'sdk', 'app', session?.id ?? '', 'pw')
  assert.deepEqual([property?.value, property?.property.secret], ['made-up-secret', true])
  await client.deleteEnvironment('main', 'sdk', 'app')
  await assert.rejects(client.getEnvironment('main', 'sdk', 'app'), /404/)
  assert.deepEqual(complaints(), [])
})

test('the npm SDK reads revisions and moves the tags that name them', async (t) => {
  const { client, complaints } = await sdkGround(t)
  await client.createEnvironment(...at)
  for (const color of ['red', 'green', 'blue']) await client.updateEnvironmentYaml(...at, `values:\n  color: ${color}\n`)
  assert.deepEqual(
    (await client.listEnvironmentRevisions(...at))?.map(({ number }) => number),
    [4, 3, 2, 1],
  )
  assert.deepEqual(
    (await client.listEnvironmentRevisions(...at, 3, 1))?.map(({ number }) => number),
    [2],
  )
  assert.deepEqual(await client.listEnvironmentRevisions(...at, 1, 5), [])
  await client.createEnvironmentRevisionTag(...at, 'stable', 2)
  await client.updateEnvironmentRevisionTag(...at, 'stable', 3)
  assert.equal((await client.getEnvironmentRevisionTag(...at, 'stable'))?.revision, 3)
  const opened = await client.openAndReadEnvironmentAtVersion(...at, 'stable')
  assert.deepEqual(opened?.values, { color: 'green' })
  assert.match((await client.getEnvironmentAtVersion(...at, '2'))?.yaml ?? '', /red/)
  assert.deepEqual(
    (await client.listEnvironmentRevisionTags(...at))?.tags?.map(({ name }) => name),
    ['latest', 'stable'],
  )
  await client.deleteEnvironmentRevisionTag(...at, 'stable')
  await assert.rejects(client.getEnvironmentRevisionTag(...at, 'stable'), /404/)
  assert.deepEqual(complaints(), [])
})

test('the npm SDK sets tags, clones, and hears what is wrong with a text', async (t) => {
  const { client, complaints } = await sdkGround(t)
  await client.createEnvironment(...at)
  await client.updateEnvironmentYaml(...at, 'values:\n  pw:\n    fn::secret: made-up-secret\n')
  await client.createEnvironmentTag(...at, 'team', 'blue')
  await client.updateEnvironmentTag(...at, 'team', 'blue', 'crew', 'red')
  assert.equal((await client.getEnvironmentTag(...at, 'crew'))?.value, 'red')
  assert.deepEqual(Object.keys((await client.listEnvironmentTags(...at))?.tags ?? {}), ['crew'])
  await client.cloneEnvironment(...at, 'sdk', 'copy', { preserveHistory: true, preserveEnvironmentTags: true })
  assert.deepEqual((await client.openAndReadEnvironment('main', 'sdk', 'copy'))?.values, { pw: 'made-up-secret' })
  assert.equal((await client.getEnvironmentTag('main', 'sdk', 'copy', 'crew'))?.value, 'red')
  await client.deleteEnvironmentTag(...at, 'crew')
  await assert.rejects(client.getEnvironmentTag(...at, 'crew'), /404/)
  const checked = await client.checkEnvironmentYaml('main', 'values:\n  a: ${nothing}\n')
  assert.match(checked?.diagnostics?.[0]?.summary ?? '', /unknown property "nothing"/)
  const clean = await client.checkEnvironmentYaml('main', 'values:\n  a: 1\n')
  assert.equal(clean?.diagnostics, undefined)
  await assert.rejects(client.updateEnvironmentYaml(...at, 'values:\n  a: ${nothing}\n'), /400/)
  await assert.rejects(client.createEnvironment(...at), /409/)
  assert.deepEqual(complaints(), [])
})
