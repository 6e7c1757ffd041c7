import type { TestContext } from 'node:test'
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { eventually } from '../../../test/eventually.ts'
import { freePort } from '../../../test/free-port.ts'

/** A development server of OpenBao or Vault on loopback, gone with the test. */
export async function startOpenBao(t: TestContext, program: string) {
  const rootToken = `test-only-${randomUUID()}`
  const address = `127.0.0.1:${await freePort()}`
  const child = spawn(
    program,
    ['server', '-dev', `-dev-listen-address=${address}`, `-dev-root-token-id=${rootToken}`, '-dev-no-store-token'],
    {
      stdio: 'ignore',
    },
  )
  t.after(() => child.kill('SIGKILL'))
  const origin = `http://${address}`
  await eventually(async () => (await fetch(`${origin}/v1/sys/health`).catch(() => undefined))?.ok === true, { within: 20_000 })
  return {
    origin,
    rootToken,
    async write(path: string, body: unknown) {
      await fetch(`${origin}/v1/${path}`, { method: 'POST', headers: { 'x-vault-token': rootToken }, body: JSON.stringify(body) })
    },
  }
}
