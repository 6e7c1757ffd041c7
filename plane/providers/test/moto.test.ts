import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm'
import { eventually } from '../../../test/eventually.ts'
import { freePort } from '../../../test/free-port.ts'
import { leaveOut } from '../../../test/left-out.ts'
import { freshSecret, makeProviders, openOne, plain } from './calling.ts'

const region = 'eu-central-1'

/** A double of AWS that none of us wrote. */
test('logins, secrets and parameters come out of moto_server as they were put in', async (t) => {
  if (spawnSync('moto_server', ['--help'], { stdio: 'ignore' }).status !== 0)
    return leaveOut('providers against moto_server', 'moto_server is not installed', t)
  const port = await freePort()
  const server = spawn('moto_server', ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' })
  t.after(() => server.kill('SIGKILL'))
  const endpoint = `http://127.0.0.1:${port}`
  await eventually(async () => (await fetch(`${endpoint}/moto-api/`).catch(() => undefined))?.ok === true, { within: 60_000, every: 100 })

  const password = freshSecret()
  const settings = { region, endpoint, credentials: { accessKeyId: 'TESTONLYKEYID', secretAccessKey: freshSecret() } }
  await new SecretsManagerClient(settings).send(new CreateSecretCommand({ Name: 'prod-db', SecretString: password }))
  const ssm = new SSMClient(settings)
  await ssm.send(new PutParameterCommand({ Name: '/shop/url', Type: 'String', Value: 'first' }))
  await ssm.send(new PutParameterCommand({ Name: '/shop/url', Type: 'String', Value: 'second', Overwrite: true }))
  await ssm.send(new PutParameterCommand({ Name: '/shop/key', Type: 'SecureString', Value: password }))

  const identity = { token: () => Promise.resolve('header.payload.signature') }
  const providers = makeProviders(t, { addresses: [endpoint], awsEndpoint: endpoint, identity, limits: {} })
  const role = { roleArn: 'arn:aws:iam::123456789012:role/shop', sessionName: 'headgate', duration: '1h' }
  const login = await openOne(providers, 'aws-login', { oidc: role })
  assert.ok('value' in login, JSON.stringify(login))
  const { accessKeyId, sessionToken } = login.value as Record<string, string>
  assert.ok(accessKeyId && sessionToken)

  const read = await openOne(providers, 'aws-secrets', { region, login: login.value, get: { db: { secretId: 'prod-db' } } })
  assert.ok('value' in read, JSON.stringify(read))
  assert.deepEqual(plain(read.value), { db: password })

  const get = { newest: { name: '/shop/url' }, old: { name: '/shop/url:1' }, key: { name: '/shop/key', decrypt: true } }
  const parameters = await openOne(providers, 'aws-parameter-store', { region, login: login.value, get })
  assert.ok('value' in parameters, JSON.stringify(parameters))
  assert.deepEqual(plain(parameters.value), { newest: 'second', old: 'first', key: password })
  assert.deepEqual(parameters.secret, new Set(['key']))
})
