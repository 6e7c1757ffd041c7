import assert from 'node:assert/strict'
import { test } from 'node:test'
import { awsRefusal, isSigned } from './aws-double.ts'
import { freshSecret, makeProviders, openOne, plain } from './calling.ts'
import { type Asked, type Told, startDouble } from './double.ts'
import { providerSuite } from './provider-suite.ts'

const login = { accessKeyId: 'TESTONLYKEYID', secretAccessKey: freshSecret(), sessionToken: freshSecret() }
const password = freshSecret()

const secrets: Readonly<Record<string, object>> = {
  'prod-db': { SecretString: `{"password":"${password}"}` },
  certificate: { SecretBinary: Buffer.from('bytes').toString('base64') },
}
const parameters: Readonly<Record<string, object>> = {
  '/shop/url': { Type: 'String', Value: 'https://shop.example.org' },
  '/shop/hosts:3': { Type: 'StringList', Value: 'a,b' },
  '/shop/key': { Type: 'SecureString', Value: password },
}

function aws(asked: Asked): Told {
  if (!isSigned(asked, login.secretAccessKey)) return awsRefusal(400, 'InvalidSignatureException', `not signed: ${login.secretAccessKey}`)
  if (asked.headers['x-amz-security-token'] !== login.sessionToken) return awsRefusal(400, 'UnrecognizedClientException', 'no session')
  const body = JSON.parse(asked.body) as { SecretId?: string; Name?: string; WithDecryption?: boolean }
  if (asked.headers['x-amz-target'] === 'secretsmanager.GetSecretValue') {
    const secret = secrets[body.SecretId ?? '']
    return secret ? { body: { Name: body.SecretId, ...secret } } : awsRefusal(400, 'ResourceNotFoundException', 'none')
  }
  assert.equal(asked.headers['x-amz-target'], 'AmazonSSM.GetParameter')
  const parameter = parameters[body.Name ?? '']
  assert.equal(body.WithDecryption, body.Name === '/shop/key')
  return parameter ? { body: { Parameter: { Name: body.Name, ...parameter } } } : awsRefusal(400, 'ParameterNotFound', 'none')
}

providerSuite('aws-secrets', async (t) => {
  const double = await startDouble(t, aws)
  return {
    double,
    settings: { awsEndpoint: double.origin },
    inputs: { region: 'eu-central-1', login, get: { db: { secretId: 'prod-db' }, certificate: { secretId: 'certificate' } } },
    value: { db: `{"password":"${password}"}`, certificate: Buffer.from('bytes').toString('base64') },
    secret: true,
    secrets: [login.secretAccessKey, login.sessionToken, password],
  }
})

providerSuite('aws-parameter-store', async (t) => {
  const double = await startDouble(t, aws)
  return {
    double,
    settings: { awsEndpoint: double.origin },
    inputs: {
      region: 'eu-central-1',
      login,
      get: { url: { name: '/shop/url' }, hosts: { name: '/shop/hosts:3' }, key: { name: '/shop/key', decrypt: true } },
    },
    value: { url: 'https://shop.example.org', hosts: ['a', 'b'], key: password },
    secret: ['key'],
    secrets: [login.secretAccessKey, login.sessionToken, password],
  }
})

/** A token service that gives a role's credentials for the identity it expects. */
function sts(asked: Asked): Told {
  const form = new URLSearchParams(asked.body)
  assert.equal(form.get('Action'), 'AssumeRoleWithWebIdentity')
  assert.equal(form.get('DurationSeconds'), '5400')
  assert.equal(form.get('PolicyArns.member.1.arn'), 'arn:aws:iam::123456789012:policy/read')
  assert.equal(asked.headers.authorization, undefined, 'the plane signs this with no credentials of its own')
  if (form.get('WebIdentityToken') !== 'signed for aws')
    return {
      status: 400,
      headers: xml,
      body: '<ErrorResponse><Error><Code>InvalidIdentityToken</Code><Message>no</Message></Error></ErrorResponse>',
    }
  const { accessKeyId, secretAccessKey, sessionToken } = login
  const credentials = `<AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>${secretAccessKey}</SecretAccessKey><SessionToken>${sessionToken}</SessionToken>`
  const result = `<AssumeRoleWithWebIdentityResult><Credentials>${credentials}<Expiration>2030-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult>`
  return { headers: xml, body: `<AssumeRoleWithWebIdentityResponse>${result}</AssumeRoleWithWebIdentityResponse>` }
}
const xml = { 'content-type': 'text/xml' }
const identity = { token: ({ audience }: { audience: string }) => Promise.resolve(`signed for ${audience}`) }
const role = { roleArn: 'arn:aws:iam::123456789012:role/shop', sessionName: 'headgate', duration: '1h30m' }

providerSuite('aws-login', async (t) => {
  const double = await startDouble(t, sts)
  return {
    double,
    settings: { awsEndpoint: double.origin, identity },
    inputs: { oidc: { ...role, policyArns: ['arn:aws:iam::123456789012:policy/read'] } },
    value: login,
    secret: true,
    secrets: [login.secretAccessKey, login.sessionToken],
  }
})

test('aws-login hands given credentials on, and asks nobody', async (t) => {
  const answer = await openOne(makeProviders(t), 'aws-login', { static: login })
  assert.deepEqual(answer, { value: login, secret: true })
})

test('AWS inputs that cannot be meant are refused before anything is sent', async (t) => {
  const double = await startDouble(t, aws)
  const providers = makeProviders(t, { addresses: [double.origin], awsEndpoint: double.origin, identity })
  for (const [name, inputs, expected] of [
    ['aws-login', {}, /one of oidc and static/],
    ['aws-login', { oidc: { ...role, duration: '3 weeks' } }, /no duration/],
    ['aws-login', { oidc: { ...role, duration: '5m' } }, /no duration/],
    ['aws-secrets', { region: 'evil.example.org/', login, get: {} }, /no AWS region/],
    ['aws-parameter-store', { region: '', login, get: {} }, /no AWS region/],
  ] as const) {
    const answer = await openOne(providers, name, inputs)
    assert.ok('failure' in answer && expected.test(answer.failure), JSON.stringify(answer))
  }
  assert.equal(double.asked.length, 0)
})

test('a secret that AWS does not have, and a wrong key, are named by their codes only', async (t) => {
  const double = await startDouble(t, aws)
  const providers = makeProviders(t, { addresses: [double.origin], awsEndpoint: double.origin })
  const missing = await openOne(providers, 'aws-secrets', { region: 'eu-central-1', login, get: { a: { secretId: 'nothing' } } })
  assert.deepEqual(missing, { failure: 'AWS answered ResourceNotFoundException (400) to reading the secret nothing' })
  const wrong = { ...login, secretAccessKey: freshSecret() }
  const refused = await openOne(providers, 'aws-secrets', { region: 'eu-central-1', login: wrong, get: { a: { secretId: 'prod-db' } } })
  assert.deepEqual(refused, { failure: 'AWS answered InvalidSignatureException (400) to reading the secret prod-db' })
  assert.equal(plain(double.asked.length), 2, 'neither was tried again')
})
