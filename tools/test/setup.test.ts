import assert from 'node:assert/strict'
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { runProcess, startProcess } from '../../test/child-process.ts'
import { temporaryFolder } from '../../test/temporary-folder.ts'
import { chooseNode, isInstalled } from '../setup.mjs'

const tools = dirname(import.meta.dirname)

const lock = {
  '': { name: 'clone' },
  'node_modules/needed': { version: '1.0.0', integrity: 'sha512-needed' },
  'node_modules/elsewhere': { version: '1.0.0', optional: true },
  'node_modules/ours': { resolved: 'core/ours', link: true },
}

/** A clone whose npm is a script that installs what the lock names, and counts how often it was called. */
function clone(context: TestContext): { folder: string; environment: NodeJS.ProcessEnv } {
  const folder = temporaryFolder(context, { spaces: true })
  mkdirSync(join(folder, 'tools'))
  for (const file of ['bootstrap.mjs', 'setup.mjs']) cpSync(join(tools, file), join(folder, 'tools', file))
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ packages: lock }))
  writeFileSync(join(folder, 'tools/test.ts'), 'console.log(JSON.stringify(process.argv.slice(2)))\nprocess.exitCode = 7\n')
  writeFileSync(
    join(folder, 'tools/start.ts'),
    "process.on('SIGTERM', () => process.exit(5))\nsetInterval(() => {}, 1000)\nconsole.log('up')\n",
  )
  mkdirSync(join(folder, 'bin'))
  const npm = `#!/bin/sh\necho "$1" >>calls\nsleep 0.5\n[ -z "$NPM_FAILS" ] || exit 1\nmkdir -p node_modules && cp package-lock.json node_modules/.package-lock.json\n`
  writeFileSync(join(folder, 'bin/npm'), npm)
  chmodSync(join(folder, 'bin/npm'), 0o755)
  const environment: NodeJS.ProcessEnv = { ...process.env, PATH: `${join(folder, 'bin')}${delimiter}${process.env['PATH'] ?? ''}` }
  delete environment['npm_execpath']
  return { folder, environment }
}

const calls = (folder: string): number =>
  existsSync(join(folder, 'calls')) ? readFileSync(join(folder, 'calls'), 'utf8').split('\n').length - 1 : 0

test('a fresh clone is set up once, and the program gets the words as they were written and gives its exit code', async (context) => {
  const { folder, environment } = clone(context)
  const bootstrap = join(folder, 'tools/bootstrap.mjs')
  const words = ['two words', "it's", '$HOME', '--only=x']
  const first = await runProcess(context, ['node', bootstrap, 'test', ...words], { env: environment })
  assert.deepEqual([first.code, JSON.parse(first.stdout)], [7, words])
  assert.match(first.stderr, /setting up/)
  const second = await runProcess(context, ['node', bootstrap, 'prove', ...words], { env: environment, cwd: '/' })
  assert.deepEqual([second.code, JSON.parse(second.stdout)], [7, ['--prove', ...words]])
  assert.equal(second.stderr, '')
  assert.equal(calls(folder), 1)
})

test('of two that start at once one sets up and the other waits, and a dead owner is not waited for', async (context) => {
  const { folder, environment } = clone(context)
  mkdirSync(join(folder, '.headgate'))
  writeFileSync(join(folder, '.headgate/setup.lock'), '999999999')
  const both = await Promise.all(
    [1, 2].map(() => runProcess(context, ['node', join(folder, 'tools/bootstrap.mjs'), 'test'], { env: environment })),
  )
  assert.deepEqual(
    both.map(({ code }) => code),
    [7, 7],
  )
  assert.equal(calls(folder), 1)
  assert.equal(existsSync(join(folder, '.headgate/setup.lock')), false)
})

test('npm ci is asked where the lock file names every platform, and npm install where it does not', async (context) => {
  const { folder, environment } = clone(context)
  const verb = async (packages: object): Promise<string | undefined> => {
    writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ packages }))
    rmSync(join(folder, 'node_modules'), { recursive: true, force: true })
    await runProcess(context, ['node', join(folder, 'tools/bootstrap.mjs'), 'test'], { env: environment })
    return readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n').at(-1)
  }
  const parser = { version: '1.0.0', optionalDependencies: { 'parser-linux': '1.0.0', 'parser-other': '1.0.0' } }
  const onLinux = { ...lock, 'node_modules/parser': parser, 'node_modules/parser-linux': { version: '1.0.0', optional: true } }
  assert.equal(await verb(onLinux), 'install')
  assert.equal(await verb({ ...onLinux, 'node_modules/parser/node_modules/parser-other': { version: '1.0.0', optional: true } }), 'ci')
})

test('a failing npm is told in words, and tried again the next time', async (context) => {
  const { folder, environment } = clone(context)
  const words = ['node', join(folder, 'tools/bootstrap.mjs'), 'test'] as const
  const failed = await runProcess(context, words, { env: { ...environment, NPM_FAILS: '1' } })
  assert.equal(failed.code, 1)
  assert.match(failed.stderr, /npm failed \(exit code 1\)/)
  assert.equal((await runProcess(context, words, { env: environment })).code, 7)
})

test('a signal reaches the program, and its end is the end', async (context) => {
  const { folder, environment } = clone(context)
  const started = startProcess(context, ['node', join(folder, 'tools/bootstrap.mjs'), 'start'], { env: environment })
  await started.line(/^up$/)
  started.kill('SIGTERM')
  assert.equal((await started.ended()).code, 5)
  const killed = startProcess(context, ['node', join(folder, 'tools/bootstrap.mjs'), 'start'], { env: environment })
  await killed.line(/^up$/)
  killed.kill('SIGHUP')
  assert.equal((await killed.ended()).signal, 'SIGHUP')
})

test('a name that is no program is refused with those that are', async (context) => {
  const { folder, environment } = clone(context)
  const { code, stderr } = await runProcess(context, ['node', join(folder, 'tools/bootstrap.mjs'), 'toast'], { env: environment })
  assert.equal(code, 1)
  assert.match(stderr, /no "toast"[^]*start, test, prove/)
  assert.equal(calls(folder), 0)
})

test('node_modules is up to date when it holds what the lock names, whatever is optional', (context) => {
  const { folder } = clone(context)
  mkdirSync(join(folder, 'node_modules'))
  const present = (packages: object): boolean => {
    writeFileSync(join(folder, 'node_modules/.package-lock.json'), JSON.stringify({ packages }))
    return isInstalled(folder)
  }
  assert.equal(isInstalled(folder), false)
  const { 'node_modules/elsewhere': elsewhere, ...required } = lock
  assert.equal(present(required), true)
  assert.equal(present(lock), true)
  assert.equal(present({ ...required, 'node_modules/needed': { version: '1.0.1' } }), false)
  assert.equal(present({ ...required, 'node_modules/elsewhere': { ...elsewhere, version: '2.0.0' } }), false)
  assert.equal(present({ 'node_modules/ours': lock['node_modules/ours'] }), false)
  assert.equal(present({ ...required, 'node_modules/ours': { resolved: 'core/other', link: true } }), false)
})

test('the Node of the process is taken if it is young enough, else the one npm brought, else none', (context) => {
  const folder = temporaryFolder(context, { spaces: true })
  assert.equal(chooseNode(folder, { path: '/own', version: '24.0.0' }), '/own')
  assert.equal(chooseNode(folder, { path: '/own', version: '20.20.2' }), undefined)
  const bin = join(folder, 'node_modules/.bin')
  mkdirSync(bin, { recursive: true })
  symlinkSync(process.execPath, join(bin, 'node'))
  assert.equal(chooseNode(folder, { path: '/own', version: '20.20.2' }), join(bin, 'node'))
})
