import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeHome, runHeadgate, startPlane } from './plane-process.ts'

/** Every way the bytes of a text commonly travel. */
function encodings(secret: string): string[] {
  const bytes = Buffer.from(secret)
  return [
    secret,
    bytes.toString('base64').slice(0, -4),
    bytes.toString('base64url').slice(0, -4),
    bytes.toString('hex'),
    Array.from(secret).toReversed().join(''),
  ]
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

test('a secret that passes through everything is found nowhere outside sealed bytes', async (t) => {
  const home = makeHome(t, { spaces: true })
  const plane = await startPlane(t, home)
  const secret = `canary${randomBytes(18).toString('hex')}`
  const second = `second${randomBytes(18).toString('hex')}`
  const project = join(home.folder, 'project')
  mkdirSync(project)
  writeFileSync(join(project, '.env'), `GREETING=hello\nAPI_KEY=${secret}\nDATABASE_URL=postgres://shop:${secret}@\${HOST}/shop\n`)
  const printed: string[] = []
  const run = async (words: string[], input?: string): Promise<string> => {
    const ended = await runHeadgate(t, plane, words, { cwd: project, ...(input === undefined ? {} : { input }) })
    printed.push(ended.stdout, ended.stderr)
    assert.equal(ended.code, 0, `${words.join(' ')}\n${ended.stderr}`)
    return ended.stdout
  }
  await run(['migrate', 'plan', '--project', 'shop'])
  await run(['migrate', 'apply', '--project', 'shop', '--yes'])
  await run(['env', 'set', 'shop/dev', 'environmentVariables.SECOND', '--secret', '-'], second)
  await run(['env', 'get', 'shop/dev'])
  await run(['env', 'diff', 'shop/dev@1', 'shop/dev@2'])
  await run(['env', 'history', 'shop/dev'])
  const child = `process.stdout.write(String(process.env.API_KEY === ${JSON.stringify(secret.slice(0, 6))} + process.env.API_KEY.slice(6) && process.env.SECOND.length))`
  assert.match(await run(['run', 'shop/dev', '--', 'node', '-e', child]), new RegExp(`^${second.length}`))
  await run(['audit', 'ls', '--json'])
  await run(['audit', 'verify'])
  writeFileSync(join(project, 'passphrase'), 'made up for this test')
  await run(['backup', '--output', 'all.age', '--passphrase-file', 'passphrase'])
  const broken = await runHeadgate(t, plane, ['env', 'set', 'shop/dev', 'a[', '--secret', '-'], { cwd: project, input: secret })
  printed.push(broken.stdout, broken.stderr)
  assert.notEqual(broken.code, 0)

  const commandLines = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => readIfThere(`/proc/${pid}/cmdline`))
  plane.process.kill('SIGTERM')
  const ended = await plane.process.ended()
  const files = filesBelow(home.folder).filter((file) => file !== join(project, '.env'))
  const places = new Map<string, Buffer>([
    ...files.map((file) => [file, readFileSync(file)] as const),
    ['what commands printed', Buffer.from(printed.join(''))],
    ['what the plane printed', Buffer.from(ended.stdout + ended.stderr)],
    ['command lines', Buffer.concat(commandLines)],
  ])
  assert.ok(
    files.some((file) => statSync(file).size > 10_000),
    'the database is among the files',
  )
  for (const [place, bytes] of places) {
    for (const text of [...encodings(secret), ...encodings(second)]) assert.equal(bytes.indexOf(text), -1, `found in ${place}`)
  }
})

function readIfThere(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch {
    return Buffer.alloc(0)
  }
}
