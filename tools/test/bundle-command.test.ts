import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, mkdirSync, readFileSync, readdirSync, renameSync, utimesSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename, dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { Worker } from 'node:worker_threads'
import type { Metafile } from 'esbuild'
import { type Ended, type StartedProcess, runProcess, startProcess } from '../../test/child-process.ts'
import { temporaryFolder } from '../../test/temporary-folder.ts'
import { bundleCommand } from '../bundle-command.ts'
import { isFresh, stampOf } from '../../clients/cli/bin/fresh-bundle.mjs'

const repository = dirname(dirname(import.meta.dirname))
const command = join(repository, 'clients', 'cli')

test('the published command', async (t) => {
  const home = temporaryFolder(t)
  const place = join(home, 'headgate')
  const metafile = await bundleCommand(join(place, 'bundle'))
  cpSync(join(command, 'bin'), join(place, 'bin'), { recursive: true })
  cpSync(join(command, 'package.json'), join(place, 'package.json'))
  const published: Published = { home, headgate: join(place, 'bin', 'headgate.mjs'), bundle: join(place, 'bundle') }

  await t.test('loads for `run` the client and tables: no schema library, no language, no socket, no command beside it', () => {
    const loaded = loadedWith(
      metafile,
      (output) => basename(output) === 'headgate.js' || metafile.outputs[output]?.entryPoint?.endsWith('commands/run.ts') === true,
    )
    const heavy = [...loaded].filter((source) =>
      /node_modules\/(zod|ws|re2js|yaml|lru-cache)\/|core\/(lang|scan|crypto)\/|contract\/src\/schemas|^plane\//.test(source),
    )
    assert.deepEqual(heavy, [])
    assert.ok([...loaded].some((source) => source.endsWith('clients/sdk/src/http.ts')))
  })

  await t.test('loads for `serve` no library that only back-ups, traces, passphrases, PostgreSQL or AWS need', () => {
    const loaded = loadedWith(metafile, (output) => metafile.outputs[output]?.entryPoint?.endsWith('cli/src/local-plane.ts') === true)
    const heavy = [...loaded].filter((source) =>
      /node_modules\/(age-encryption|@noble|@node-rs|pg|@opentelemetry\/(sdk|exporter|resources)|@aws-sdk|@smithy|undici)/.test(source),
    )
    assert.deepEqual(heavy, [])
  })

  await t.test('is in files of ASCII, each of whose characters takes one byte of memory and not two', () => {
    const programs = readdirSync(published.bundle).filter((name) => name.endsWith('.js'))
    const texts = programs.map((name) => ({ name, text: readFileSync(join(published.bundle, name), 'latin1') }))
    // oxlint-disable-next-line no-control-regex -- everything outside ASCII is what is looked for
    assert.deepEqual(
      texts.filter(({ text }) => /[^\u0000-\u007f]/.test(text)).map(({ name }) => name),
      [],
    )
  })

  await t.test('names the licence of every library that is in it', () => {
    const text = readFileSync(join(published.bundle, 'third-party-licences.txt'), 'utf8')
    for (const library of ['zod', 'fastify', 'undici', '@aws-sdk/client-sts'])
      assert.match(text, new RegExp(`^${library} \\d[\\d.]* \\(`, 'm'))
    assert.doesNotMatch(text, /\(undefined\)|^@headgate/m)
  })
  await t.test('runs a program with the values of an environment', (context) => runsAProgram(context, published))
  await t.test('says so where a part of it is missing', (context) => saysWhatIsMissing(context, published))
  await t.test('has the thread that seals anew beside the plane, in a file of its own', (context) => sealsAnew(context, published))
  await t.test('serves, keeps its router, writes back-ups and takes them back, with no library beside it', (context) =>
    servesAlone(context, published),
  )
})

test('the bundle is fresh until a source of it is another, be that an older one', async (t) => {
  const folder = temporaryFolder(t)
  const [source, bundle] = [join(folder, 'source.ts'), join(folder, 'bundle')]
  mkdirSync(bundle)
  writeFileSync(source, '')
  assert.equal(isFresh(folder, bundle), false)
  utimesSync(source, 9, 9)
  const write = (stamp: unknown) => writeFileSync(join(bundle, 'inputs.json'), JSON.stringify({ 'source.ts': stamp }))
  write(stampOf(source))
  assert.equal(isFresh(folder, bundle), true)
  for (const time of [8, 11]) {
    utimesSync(source, time, time)
    assert.equal(isFresh(folder, bundle), false)
  }
  write(null)
  assert.equal(isFresh(folder, bundle), false, 'it was written while the bundle was being made')
})

/** What npm would install: the door, the bundle, and no sources; in a folder that no library is above. */
interface Published {
  readonly home: string
  readonly headgate: string
  readonly bundle: string
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
      if (kind === 'import-statement' && !external) queue.push(path)
    }
  }
  return sources
}

function environmentOf({ home }: Published): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], HOME: home, XDG_CONFIG_HOME: join(home, 'config'), XDG_CACHE_HOME: join(home, 'cache') }
}

async function runsAProgram(context: TestContext, published: Published): Promise<void> {
  const plane = createServer((_request, response) => {
    const variables = [{ name: 'GREETING', value: 'from the double', secret: false }]
    const answer = { environment: 'shop/dev', revision: 1, closure: [], diagnostics: [], values: {}, secrets: [], variables, files: [] }
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer))
  })
  await once(plane.listen(0, '127.0.0.1'), 'listening')
  context.after(() => plane.close())
  const { port } = plane.address() as AddressInfo
  const env = { ...environmentOf(published), HEADGATE_URL: `http://127.0.0.1:${port}`, HEADGATE_TOKEN: 'made-up' }
  const run = (...words: string[]): Promise<Ended> => runProcess(context, ['node', published.headgate, ...words], { env })
  assert.equal((await run('run', 'main/shop/dev', '--', 'printenv', 'GREETING')).stdout, 'from the double\n')
  const mounted = await run(
    'run',
    'main/shop/dev',
    '--mount',
    join(published.home, 'values.env'),
    '--',
    'cat',
    join(published.home, 'values.env'),
  )
  assert.equal(mounted.stdout, "GREETING='from the double'\n", mounted.stderr)
  assert.match((await run('--version')).stdout, /^\d+\.\d+\.\d+\n$/)
  assert.match((await run('serve', '--help')).stdout, /--tls-certificate/)
}

async function saysWhatIsMissing(context: TestContext, published: Published): Promise<void> {
  const pieces = readdirSync(published.bundle).filter((name) => name.startsWith('whoami-'))
  for (const name of pieces) renameSync(join(published.bundle, name), join(published.home, name))
  const { code, stderr } = await runProcess(context, ['node', published.headgate, 'whoami'], { env: environmentOf(published) })
  for (const name of pieces) renameSync(join(published.home, name), join(published.bundle, name))
  assert.equal(code, 70)
  assert.match(
    stderr,
    /^INSTALLATION_INCOMPLETE  a part of Headgate \d+\.\d+\.\d+ is not there: .*whoami-.*\n {2}try: .*install Headgate again/,
  )
}

async function sealsAnew(context: TestContext, { bundle }: Published): Promise<void> {
  const thread = new Worker(join(bundle, 'reseal-thread.js'))
  context.after(() => thread.terminate())
  thread.postMessage({ keys: [], values: [], bytes: new Uint8Array() }, [])
  assert.deepEqual(await once(thread, 'message'), [{ bytes: new Uint8Array(), ends: [] }])
}

async function servesAlone(context: TestContext, published: Published): Promise<void> {
  const { home, headgate } = published
  const loadedAtEnd = join(home, 'say-what-was-loaded.cjs')
  writeFileSync(loadedAtEnd, `process.on('exit', () => process.stderr.write(process.moduleLoadList.join('\\n')))`)
  const plane = serve(context, published, join(home, 'data'), ['--require', loadedAtEnd])
  const { url, router, token } = (await plane.json()) as Readonly<Record<string, string>>
  const env = { ...environmentOf(published), HEADGATE_URL: url, HEADGATE_TOKEN: token }
  const said = async (...words: string[]) => {
    const ended = await runProcess(context, ['node', headgate, ...words], { env, cwd: home, input: 'made-up' })
    assert.equal(ended.code, 0, `${words.join(' ')}: ${ended.stderr}`)
    return ended
  }
  const run = async (...words: string[]): Promise<string> => {
    const { stdout, stderr } = await said(...words)
    assert.equal(stderr, '', words.join(' '))
    return stdout
  }
  await run('env', 'init', 'shop/dev', '--json')
  await run('env', 'set', 'shop/dev', 'environmentVariables.KEY', '--secret', '-', '--json')
  assert.equal(await run('run', 'shop/dev', '--', 'printenv', 'KEY'), 'made-up\n')
  assert.equal(((await (await fetch(`${url}/api/v1/openapi.json`)).json()) as { openapi: string }).openapi, '3.1.0')
  assert.equal((await fetch(router ?? '')).status, 404)
  writeFileSync(join(home, 'passphrase.txt'), randomUUID(), { mode: 0o600 })
  await run('backup', '--output', 'all.age', '--passphrase-file', 'passphrase.txt', '--json')
  plane.kill('SIGTERM')
  const { code, stderr } = await plane.ended()
  assert.equal(code, 0)
  // What an import of node:http brings along.
  assert.doesNotMatch(stderr, /undici/)
  const restored = await said('restore', 'all.age', '--data', 'restored', '--passphrase-file', 'passphrase.txt', '--take-over', '--json')
  assert.match(restored.stderr, /^warning {2}a checkpoint was kept here for this plane already/)
  const again = serve(context, published, join(home, 'restored'), [])
  env['HEADGATE_URL'] = String((await again.json())['url'])
  assert.equal(await run('open', 'shop/dev', 'environmentVariables.KEY'), 'made-up\n')
  again.kill('SIGTERM')
  assert.equal((await again.ended()).code, 0)
}

function serve(context: TestContext, published: Published, data: string, options: readonly string[]): StartedProcess {
  const words = [...options, published.headgate, 'serve', '--data', data, '--port', '0', '--log', 'none', '--json']
  return startProcess(context, ['node', ...words], { env: environmentOf(published), cwd: published.home })
}
