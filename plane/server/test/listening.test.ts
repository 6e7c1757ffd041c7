import assert from 'node:assert/strict'
import { once } from 'node:events'
import { copyFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { connect } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import type { Operations } from '@headgate/operations'
import { pino } from 'pino'
import { makeCertificate } from '../../../test/certificate.ts'
import { eventually } from '../../../test/eventually.ts'
import { leaveOut } from '../../../test/left-out.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { startServer } from '../src/index.ts'

const operations = { answer: async () => ({ ok: true, value: { status: 'ok' } }), describe: () => ({}) } as unknown as Operations
const common = { operations, log: pino({ enabled: false }), version: '0.0.0', host: '127.0.0.1', port: 0 }

test('the plane speaks TLS, takes a renewed certificate over, and keeps the old one while the files do not fit', async (t) => {
  const folder = temporaryFolder(t)
  if (!makeCertificate(folder, 'first') || !makeCertificate(folder, 'second'))
    return leaveOut('TLS', 'openssl is not here to make a certificate')
  const [certificate, key] = [join(folder, 'tls.crt'), join(folder, 'tls.key')]
  copyFileSync(join(folder, 'first.crt'), certificate)
  copyFileSync(join(folder, 'first.key'), key)
  const server = await startServer({ ...common, tls: { certificate, key } })
  t.after(() => server.close())
  assert.match(server.url, /^https:/)
  assert.equal(await nameShown(server.url), 'first')
  copyFileSync(join(folder, 'second.crt'), certificate)
  assert.equal(await nameShown(server.url), 'first')
  copyFileSync(join(folder, 'second.key'), key)
  await eventually(async () => (await nameShown(server.url)) === 'second')
})

test('files that are no certificate are refused by the name of their setting, before anything listens', async (t) => {
  const folder = temporaryFolder(t)
  const [certificate, key] = [join(folder, 'tls.crt'), join(folder, 'tls.key')]
  await assert.rejects(startServer({ ...common, tls: { certificate, key } }), { code: 'SETTING_INVALID' })
  writeFileSync(certificate, 'nothing')
  writeFileSync(key, 'nothing')
  await assert.rejects(startServer({ ...common, tls: { certificate, key } }), { code: 'SETTING_INVALID' })
})

test('more connections than are allowed are refused, and those there go on', async (t) => {
  const server = await startServer({ ...common, connections: 2 })
  t.after(() => server.close())
  const open = async () => {
    const socket = connect(server.port, '127.0.0.1')
    t.after(() => socket.destroy())
    socket.on('error', () => {})
    await once(socket, 'connect')
    return socket
  }
  const [first, second] = [await open(), await open()]
  const third = await open()
  await once(third, 'close')
  for (const socket of [first, second]) {
    socket.write('GET /health HTTP/1.1\r\nhost: x\r\n\r\n')
    assert.match(String(await once(socket, 'data')), /200 OK/)
  }
})

test('a head that is too large is refused', async (t) => {
  const server = await startServer(common)
  t.after(() => server.close())
  assert.equal((await fetch(`${server.url}/health`, { headers: { large: 'x'.repeat(20_000) } })).status, 431)
})

/** The name in the certificate the server shows. */
async function nameShown(url: string): Promise<string> {
  const sent = request(`${url}/health`, { rejectUnauthorized: false, agent: false })
  sent.end()
  const [answer] = (await once(sent, 'response')) as [{ socket: TLSSocket; resume(): void; statusCode: number }]
  const name = answer.socket.getPeerCertificate().subject.CN
  answer.resume()
  assert.equal(answer.statusCode, 200)
  return String(name)
}
