import assert from 'node:assert/strict'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { runProcess, startProcess } from './child-process.ts'
import { eventually } from './eventually.ts'
import { freePort } from './free-port.ts'
import { temporaryFolder } from './temporary-folder.ts'

test('a temporary folder is there, may have spaces in its path, and is gone after its test', async (context) => {
  const seen: string[] = []
  await context.test('while the test runs', (inner) => {
    for (const folder of [temporaryFolder(inner), temporaryFolder(inner, { spaces: true })]) {
      mkdirSync(join(folder, 'a/b'), { recursive: true })
      writeFileSync(join(folder, 'a/b/c'), 'x')
      seen.push(folder)
    }
  })
  assert.equal(new Set(seen).size, 2)
  assert.match(seen[1] ?? '', / /)
  for (const folder of seen) assert.equal(existsSync(folder), false, folder)
})

test('nothing listens on a free port', async () => {
  const port = await freePort()
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  connect({ port, host: '127.0.0.1' }).on('error', (error: NodeJS.ErrnoException) => resolve(error.code))
  assert.equal(await promise, 'ECONNREFUSED')
})

test('what becomes true in its time is waited for, and what does not fails with the last reason', async () => {
  let attempts = 0
  assert.equal(await eventually(() => (attempts += 1) > 3 && 'there', { every: 1 }), 'there')
  assert.equal(attempts, 4)
  await assert.rejects(
    eventually(() => assert.equal(1, 2), { within: 30, every: 5 }),
    { code: 'ERR_ASSERTION' },
  )
  await assert.rejects(
    eventually(() => false, { within: 30, every: 5 }),
    /within 30 ms/,
  )
})

test('a program is run with its words as they are, and answers with its code and what it printed', async (context) => {
  const script =
    'process.stdin.pipe(process.stdout); process.stdin.on("end", () => { console.error(process.argv[1]); process.exitCode = 3 })'
  const ended = await runProcess(context, ['node', '-e', script, "it's $HOME; a b"], { input: 'to be echoed' })
  assert.deepEqual(ended, { code: 3, signal: null, stdout: 'to be echoed', stderr: "it's $HOME; a b\n" })
})

test('a line is waited for, also one already printed, and JSON is read from it', async (context) => {
  const script = 'console.log("starting"); setTimeout(() => { console.log(JSON.stringify({ port: 7 })); setInterval(() => {}, 1000) }, 50)'
  const started = startProcess(context, ['node', '-e', script])
  assert.deepEqual(await started.json(), { port: 7 })
  assert.equal(await started.line(/^start/), 'starting')
})

test('waiting fails at once when the program ends, at the deadline when it does not, and shows its output', async (context) => {
  const over = startProcess(context, ['node', '-e', 'console.error("why it ended")'])
  await assert.rejects(over.line(/ready/), /without a line \/ready\/[^]*why it ended/)
  const silent = startProcess(context, ['node', '-e', 'setInterval(() => {}, 1000)'])
  await assert.rejects(silent.line(/ready/, { within: 100 }), /within 100 ms/)
  await assert.rejects(startProcess(context, ['no-such-program']).ended(), { code: 'ENOENT' })
})

test('a program is killed with everything it started', async (context) => {
  const child = 'setInterval(() => {}, 1000)'
  const script = `const { spawn } = require('node:child_process'); console.log(JSON.stringify({ child: spawn(process.execPath, ['-e', '${child}']).pid })); ${child}`
  const started = startProcess(context, ['node', '-e', script])
  const { child: pid } = await started.json()
  await started.killGroup()
  await eventually(() => !isAlive(Number(pid)))
  assert.equal((await started.ended()).signal, 'SIGKILL')
})

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
