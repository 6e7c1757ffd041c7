import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cpSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename, dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { promisify } from 'node:util'
import type { Metafile } from 'esbuild'
import { temporaryFolder } from '../../test/temporary-folder.ts'
import { bundleCommand } from '../bundle-command.ts'

const command = join(dirname(dirname(import.meta.dirname)), 'clients', 'cli')

async function published(t: TestContext): Promise<{ headgate: string; home: string; metafile: Metafile }> {
  const folder = temporaryFolder(t)
  const metafile = await bundleCommand(join(folder, 'bundle'))
  cpSync(join(command, 'bin'), join(folder, 'bin'), { recursive: true })
  cpSync(join(command, 'package.json'), join(folder, 'package.json'))
  return { headgate: join(folder, 'bin', 'headgate.mjs'), home: folder, metafile }
}

/** The sources in a file of the bundle and in all it imports at once. */
function loadedWith({ outputs }: Metafile, entry: (output: string) => boolean): Set<string> {
  const sources = new Set<string>()
  const seen = new Set<string>()
  const queue = Object.keys(outputs).filter(entry)
  assert.ok(queue.length > 0)
  for (const output of queue) {
    if (seen.has(output)) continue
    seen.add(output)
    for (const source of Object.keys(outputs[output]?.inputs ?? {})) sources.add(source)
    for (const { path, kind, external } of outputs[output]?.imports ?? []) {
      // A node: import by itself is recorded as external.
      if (kind === 'import-statement' && !external) queue.push(path)
    }
  }
  return sources
}

test('what `headgate run` loads is the client and tables: no schema library, no language, no socket, no command beside it', async (t) => {
  const { metafile } = await published(t)
  const loaded = loadedWith(
    metafile,
    (output) => basename(output) === 'main.js' || metafile.outputs[output]?.entryPoint?.endsWith('commands/run.ts') === true,
  )
  const heavy = [...loaded].filter((source) =>
    /node_modules\/(zod|ws|re2js|yaml|lru-cache)\/|core\/(lang|scan|crypto)\/|contract\/src\/schemas|^plane\//.test(source),
  )
  assert.deepEqual(heavy, [])
  assert.ok([...loaded].some((source) => source.endsWith('clients/sdk/src/http.ts')))
})

test('the published command runs a program without its sources, and without the plane’s code', async (t) => {
  const plane = createServer((_request, response) => {
    const variables = [{ name: 'GREETING', value: 'from the double', secret: false }]
    const answer = { environment: 'shop/dev', revision: 1, closure: [], diagnostics: [], values: {}, secrets: [], variables, files: [] }
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer))
  })
  plane.listen(0, '127.0.0.1')
  t.after(() => plane.close())
  const { headgate, home } = await published(t)
  const { port } = plane.address() as AddressInfo
  const env = { PATH: process.env['PATH'], HOME: home, HEADGATE_URL: `http://127.0.0.1:${port}`, HEADGATE_TOKEN: 'made-up' }
  const run = (...words: string[]) => promisify(execFile)(process.execPath, [headgate, ...words], { env: { ...env } })
  assert.equal((await run('run', 'main/shop/dev', '--', 'printenv', 'GREETING')).stdout, 'from the double\n')
  assert.match((await run('--version')).stdout, /^\d+\.\d+\.\d+\n$/)
  assert.match((await run('serve', '--help')).stdout, /--tls-certificate/)
})
