/**
 * Sessions with the real clients, replayed: testdata/sessions/CLIENT/*.txt. A line that begins with `$ ` is a command, and
 * what follows is what it prints. `npm run accept` writes down what came out; the difference is the review.
 */
import assert from 'node:assert/strict'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { runProcess } from '../child-process.ts'
import { testLookup } from '../conformance/lang/providers.ts'
import { leaveOut } from '../left-out.ts'
import { servePlane } from '../plane/served-plane.ts'
import { accepting } from '../proving.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { NO_CLIENTS, clientBinary } from './client-binaries.ts'

const sessions = join(import.meta.dirname, 'testdata', 'sessions')

for (const client of ['esc', 'pulumi'] as const) {
  for (const name of readdirSync(join(sessions, client)).toSorted()) {
    test(`the session ${client}/${name} goes as it is written down`, { timeout: 600_000 }, async (t) => {
      const binary = clientBinary(client)
      if (binary === undefined) return leaveOut(`sessions of the real ${client}`, NO_CLIENTS, t)
      const file = join(sessions, client, name)
      const written = readFileSync(file, 'utf8')
      const happened = await replay(t, written, client, binary)
      if (accepting) writeFileSync(file, happened)
      else assert.equal(happened, written)
    })
  }
}

async function replay(context: TestContext, written: string, client: string, binary: string): Promise<string> {
  const hook = await startHook(context)
  const providers = () => ({ ...testLookup, providerNames: ['test'], rotatorNames: ['swap'] })
  const plane = await servePlane(context, { webhookAddresses: [hook], providers })
  const folder = temporaryFolder(context)
  const env = {
    PATH: '/usr/bin:/bin',
    HOME: folder,
    TMPDIR: folder,
    PULUMI_HOME: join(folder, '.pulumi'),
    PULUMI_ACCESS_TOKEN: plane.ownerToken.reveal(),
    PULUMI_SKIP_UPDATE_CHECK: '1',
    NO_COLOR: '1',
    URL: plane.url,
    HOOK: hook,
    CLIENT: binary,
  }
  const lines: string[] = []
  for (const command of written.split('\n').filter((line) => line.startsWith('$ '))) {
    const script = `${client}() { "$CLIENT" "$@"; }\n{ ${command.slice(2)}; } 2>&1`
    const { stdout, code } = await runProcess(context, ['/bin/bash', '-c', withIds(script, lines)], { cwd: folder, env, within: 300_000 })
    const printed = stdout.trimEnd() === '' ? [] : stdout.trimEnd().split('\n')
    lines.push(command, ...printed.map((line) => line.trimEnd()), ...(code === 0 ? [] : [`[exit ${code}]`]), '')
  }
  return normalise(lines.join('\n'), plane.url, hook)
}

/** `DRAFT` and `SCHEDULE` in a command are the last id that was printed. */
function withIds(script: string, lines: readonly string[]): string {
  const ids = lines.join('\n').match(ID) ?? []
  return script.replaceAll(/\b(?:DRAFT|SCHEDULE)\b/g, ids.at(-1) ?? 'none')
}

const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g

/** What is another in every run. */
function normalise(text: string, url: string, hook: string): string {
  return text
    .replaceAll(url, 'URL')
    .replaceAll(hook, 'HOOK')
    .replaceAll(ID, 'ID')
    .replaceAll(/ZXNjeAAAAAE\S+?(?=[}\s]|$)/g, 'CIPHERTEXT')
    .replaceAll(/^(Date|date|Timestamp|Duration|User-Agent): .*$/gim, '$1: …')
    .replaceAll(/^Duration \(ms\): \d+$/gm, 'Duration (ms): N')
    .replaceAll(/(│ +200 +│ +)\d+( +│)$/gm, '$1N$2')
    .replaceAll(/─+/g, '─')
    .replaceAll(/^([│┌├└].*)$/gm, (line) => line.replaceAll(/ +/g, ' '))
}

async function startHook(context: TestContext): Promise<string> {
  const server = createServer((request, response) => {
    request.resume()
    request.on('end', () => response.writeHead(200).end('heard'))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  context.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
