import { randomBytes } from 'node:crypto'
import type { TestContext } from 'node:test'
import { startProcess } from '../../../test/child-process.ts'
import { eventually } from '../../../test/eventually.ts'
import { freePort } from '../../../test/free-port.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'

/** A real OpenBao that `BAO_BIN` names, with a transit engine and a key in it. */
export async function startOpenBao(t: TestContext, program: string): Promise<{ readonly url: string; readonly token: string }> {
  const port = await freePort()
  const token = `test-${randomBytes(12).toString('hex')}`
  const url = `http://127.0.0.1:${port}`
  const home = temporaryFolder(t)
  startProcess(t, [program, 'server', '-dev', `-dev-root-token-id=${token}`, `-dev-listen-address=127.0.0.1:${port}`], {
    env: { ...process.env, HOME: home },
  })
  const ask = async (path: string, body: object) => {
    const response = await fetch(`${url}/v1/${path}`, { method: 'POST', headers: { 'x-vault-token': token }, body: JSON.stringify(body) })
    return response.ok
  }
  await eventually(async () => (await fetch(`${url}/v1/sys/health`)).ok)
  await ask('sys/mounts/transit', { type: 'transit' })
  await ask('transit/keys/headgate', {})
  return { url, token }
}
