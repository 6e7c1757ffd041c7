import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { makeCertificate } from '../../../test/certificate.ts'
import { leaveOut } from '../../../test/left-out.ts'
import { type Session, startSession } from './transcript/session.ts'

/** What of a plane's settings cannot be used, and how the command says so. */
const unusable: readonly [string[], number, RegExp][] = [
  [['--tls-certificate', 'empty.pem', '--tls-key', 'empty.pem'], 1, /SETTING_INVALID {2}the setting tls-key/],
  [['--provider-address', 'nowhere'], 1, /SETTING_INVALID {2}the setting provider-address/],
  [['--webhook-address', 'nowhere'], 1, /SETTING_INVALID {2}the setting webhook-address/],
  [['--host', 'nowhere.invalid'], 2, /cannot listen on port 0 of nowhere\.invalid \((ENOTFOUND|EAI_AGAIN)\)/],
  [['--trace-endpoint', 'nowhere'], 2, /--trace-endpoint takes an address that begins with https:\/\/ or http:\/\/, not nowhere/],
  [['--public-url', 'localhost:4280'], 2, /--public-url takes an address/],
  [['--aws-endpoint', 'nowhere'], 2, /--aws-endpoint takes an address/],
]

test('a first start that is refused for its settings makes nothing: the next one shows the token', async (t) => {
  const there = await session(t)
  await writeFile(join(there.folder, 'empty.pem'), '')
  const place = ['--data', join(there.folder, '..', 'data'), '--key-file', join(there.folder, '..', 'keys', 'root.key')]
  for (const [options, exitCode, says] of unusable) {
    const refused = await there.run(['serve', ...place, '--port', '0', '--log', 'none', ...options])
    assert.deepEqual([refused.exitCode, refused.stdout], [exitCode, ''], options.join(' '))
    assert.match(refused.stderr, says)
  }
  assert.match((await there.startPlane()).token ?? '', /^hg_user_/)
})

test('a data folder that cannot be made is said, with the place and the reason', async (t) => {
  const there = await session(t)
  const file = join(there.folder, 'a file')
  await writeFile(file, '')
  const key = ['--key-file', join(there.folder, 'root.key'), '--port', '0', '--log', 'none']
  for (const [data, reason] of [
    [file, 'EEXIST'],
    [join(file, 'below'), 'ENOTDIR'],
  ] as const) {
    const refused = await there.run(['serve', '--data', data, ...key])
    const says = `SYSTEM_REFUSED  the system refuses mkdir on ${data} (${reason})\n  try: look whether it is there`
    assert.deepEqual([refused.exitCode, refused.stderr.slice(0, says.length)], [1, says])
  }
})

test('a plane whose certificate is not trusted answers, and the advice is about that', async (t) => {
  const there = await session(t)
  const made = makeCertificate(there.folder, 'localhost')
  if (!made) return leaveOut('a certificate that is not trusted', 'openssl is not here to make one')
  const server = createServer({ key: await readFile(made.key), cert: await readFile(made.certificate) }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  const refused = await there.run(['whoami'], { env: { HEADGATE_URL: url, HEADGATE_TOKEN: 'something' } })
  assert.equal(refused.exitCode, 6)
  assert.match(refused.stderr, /SELF_SIGNED_CERT\)\n {2}try: its certificate is not trusted here: NODE_EXTRA_CA_CERTS/)
})

async function session(context: TestContext): Promise<Session> {
  const started = await startSession()
  context.after(() => started.end())
  return started
}
