import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { createWorld } from './test-surroundings.ts'

const folder = fileURLToPath(new URL('..', import.meta.url))

async function runProgram(program: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const words = ['--conditions=source', '--input-type=module', '-e', program]
  const { stdout } = await promisify(execFile)(process.execPath, words, { cwd: folder, env: { ...process.env, ...env }, timeout: 20_000 })
  return stdout
}

/** Every module that an import brings with it, as addresses. */
async function loadedBy(entry: string): Promise<string[]> {
  const program = `
    import { registerHooks } from 'node:module'
    const loaded = []
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) })
    await import(${JSON.stringify(entry)})
    console.log(JSON.stringify(loaded))`
  return JSON.parse(await runProgram(program)) as string[]
}

test('the entries that `headgate run` loads bring no library', async () => {
  for (const entry of ['@headgate/sdk/http', '@headgate/sdk/credentials', '@headgate/sdk/fallback']) {
    const loaded = await loadedBy(entry)
    const libraries = loaded.filter((url) => url.includes('/node_modules/') && !url.includes('/node_modules/@headgate/'))
    assert.deepEqual(libraries, [], entry)
    assert.ok(loaded.length > 2, entry)
  }
})

test('the main entry loads the socket and the cache only when it connects', async () => {
  const loaded = await loadedBy('@headgate/sdk')
  assert.deepEqual(
    loaded.filter((url) => /node_modules\/(ws|lru-cache|zod)\//.test(url)),
    [],
  )
})

test('the typed client loads nothing of Node, so that a browser can have it', async () => {
  assert.ok((await loadedBy('@headgate/sdk/credentials')).includes('node:fs/promises'), 'what Node brings is seen')
  const loaded = await loadedBy('@headgate/sdk/http')
  assert.deepEqual(
    loaded.filter((url) => url.startsWith('node:')),
    [],
  )
})

test('the typed client comes with what its token is given in', async () => {
  const program = `
    import { Secret, createPlaneClient } from '@headgate/sdk/http'
    console.log(createPlaneClient({ url: 'http://127.0.0.1:1/', token: new Secret('made-up') }).url, String(new Secret('made-up')))`
  assert.equal(await runProgram(program), 'http://127.0.0.1:1 [secret]\n')
})

test('a program that has nothing else to do ends, although it follows its configuration', async (t) => {
  const { plane, token, home } = await createWorld(t)
  plane.save('shop/dev', { values: { a: 'read' } })
  const program = `
    import { Headgate } from '@headgate/sdk'
    const config = await Headgate.connect()
    while (!config.stats().watching) await new Promise((resolve) => setTimeout(resolve, 5))
    console.log(config.get('a'), config.stats().watching)`
  const folders = { HOME: home, XDG_CACHE_HOME: home, XDG_STATE_HOME: home, XDG_CONFIG_HOME: home }
  const env = { HEADGATE_URL: plane.url, HEADGATE_TOKEN: token, HEADGATE_ENVIRONMENT: 'shop/dev', ...folders }
  assert.equal(await runProgram(program, env), 'read true\n')
})
