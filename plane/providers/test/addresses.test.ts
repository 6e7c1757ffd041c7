import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressRules } from '../src/address-rules.ts'
import { createHttpClient } from '../src/http-call.ts'
import { SourceFault } from '../src/outside-source.ts'
import { startDouble } from './double.ts'

const allows = (listed: readonly string[], address: string): boolean => {
  try {
    addressRules(listed).check(new URL(address))
    return true
  } catch (error) {
    assert.ok(error instanceof SourceFault)
    return false
  }
}

test('an address is called only if its scheme, host and port are listed', () => {
  const listed = ['https://vault.example.org:8200', 'https://*.amazonaws.com', 'http://[::1]:9000']
  for (const address of ['https://vault.example.org:8200/v1/a', 'https://sts.us-east-1.amazonaws.com/', 'http://[::1]:9000/'])
    assert.ok(allows(listed, address), address)
  for (const address of [
    'http://vault.example.org:8200/',
    'https://vault.example.org/',
    'https://vault.example.org.evil.example:8200/',
    'https://amazonaws.com/',
    'https://evilamazonaws.com/',
    'https://sts.amazonaws.com.evil.example/',
    'https://user:word@vault.example.org:8200/',
    'http://[::2]:9000/',
  ])
    assert.ok(!allows(listed, address), address)
  assert.ok(!allows([], 'https://vault.example.org/'), 'nothing is allowed unless it is listed')
})

test('link-local and metadata addresses are refused even when they are listed, however they are written', () => {
  for (const host of [
    '169.254.169.254',
    '2852039166',
    '0xa9.0xfe.0xa9.0xfe',
    '[fe80::1]',
    '[::ffff:169.254.169.254]',
    '[fd00:ec2::254]',
    '0.0.0.0',
    '[::]',
    '100.100.100.200',
  ])
    assert.ok(!allows([`http://${host}`], `http://${host}/latest/meta-data`), host)
})

test('an entry that is no origin is refused with what was looked for', () => {
  for (const entry of [
    'vault.example.org',
    'ftp://example.org',
    'https://example.org/path',
    'https://*',
    'https://a.*.org',
    'https://user@example.org',
    '',
  ])
    assert.throws(() => addressRules([entry]), /looked for/, entry)
})

test('a listed name that leads to the machine itself is refused when the connection is made', async (t) => {
  const double = await startDouble(t, () => ({ body: {} }))
  const { port } = new URL(double.origin)
  // What an attacker who rules a name could answer for it; the hosts file gives the machine's own name such an address.
  const rules = addressRules([`http://own.example.org:${port}`])
  const lookup = rules.lookup
  const reached = await new Promise<Error | null>((resolve) => lookup('localhost', { all: true }, (error) => resolve(error)))
  assert.ok(reached instanceof SourceFault, 'localhost is not among the listed hosts')
  const open = addressRules([`http://localhost:${port}`])
  const client = createHttpClient(open)
  t.after(() => client.close())
  const answer = await client.send({ method: 'GET', url: new URL(`http://localhost:${port}/`) }, AbortSignal.timeout(5000))
  assert.equal(answer.status, 200, 'and is called where the operator lists it by that name')
})
