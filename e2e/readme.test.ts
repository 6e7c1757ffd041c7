import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type TestContext, test } from 'node:test'
import { type Ended, type StartedProcess, startProcess } from '../test/child-process.ts'
import { eventually } from '../test/eventually.ts'
import { freePort } from '../test/free-port.ts'
import { leaveOut } from '../test/left-out.ts'
import { temporaryFolder } from '../test/temporary-folder.ts'
import { repository, stopRouter } from './plane-process.ts'
import { shellBlocks } from './shell-blocks.ts'

/**
 * What a page says is typed into a shell as it stands there. These are all the words that are replaced, each for what
 * a page documents beside it: ports are free ones, the token comes from a file as nobody sits at the terminal, and an
 * id that was printed takes the place of the word that stands for it.
 */
type Rules = readonly (readonly [written: string | RegExp, typed: string])[]

/** Somebody's shell in a clean home: nothing of the user's own set-up is around it. */
class Shell {
  readonly home: string
  readonly rules: [string | RegExp, string][]
  cwd: string
  readonly #context: TestContext
  readonly #environment: NodeJS.ProcessEnv
  readonly #started: StartedProcess[] = []

  constructor(context: TestContext, { data, cwd, rules, bare }: { data: string; cwd?: string; rules: Rules; bare: boolean }) {
    // Registered before the folder's removal, and so carried out before it.
    let folder = ''
    context.after(async () => {
      for (const started of this.#started) await interrupt(started)
      await stopRouter(join(folder, data))
    })
    folder = temporaryFolder(context, { spaces: true })
    this.home = folder
    this.cwd = cwd ?? folder
    this.rules = rules.map(([written, typed]) => [written, typed])
    this.#context = context
    const inherited = Object.entries(process.env).filter(([name]) => !/^(?:HEADGATE_|NODE_|XDG_|npm_|INIT_CWD$)/.test(name))
    // `headgate` without npx is what is installed; here it is the repository's.
    const path = bare ? `${join(repository, 'node_modules', '.bin')}${delimiter}${process.env['PATH']}` : process.env['PATH']
    this.#environment = { ...Object.fromEntries(inherited), HOME: folder, PATH: path, NO_COLOR: '1', npm_config_update_notifier: 'false' }
  }

  typed(written: string): string {
    return this.rules.reduce((text, [from, to]) => text.replaceAll(from instanceof RegExp ? new RegExp(from, 'gm') : from, to), written)
  }

  /** Runs what is written to its end, and goes where it went. */
  async run(written: string): Promise<Ended> {
    const place = join(this.home, 'where')
    const ended = await this.start(`${written}\npwd > '${place}'`).ended()
    assert.equal(ended.code, 0, `${written}\n${ended.stdout}${ended.stderr}`)
    this.cwd = readFileSync(place, 'utf8').trimEnd()
    return ended
  }

  /** Starts what stays, until the test ends. */
  start(written: string): StartedProcess {
    const words = ['sh', '-e', '-c', this.typed(written)] as const
    const started = startProcess(this.#context, [...words], { cwd: this.cwd, env: this.#environment, within: 60_000 })
    this.#started.push(started)
    return started
  }
}

/** Ctrl-C, which a terminal gives to the whole group. What does not heed it is killed with the test. */
async function interrupt(started: StartedProcess): Promise<void> {
  await Promise.race([started.killGroup('SIGINT'), sleep(15_000, undefined, { ref: false })])
}

/** Waits for a first start, and keeps the token where `login --token-file` finds it. */
async function untilReady(serving: StartedProcess, home: string): Promise<void> {
  await serving.line(/^Ctrl-C stops it\.$/)
  const token = /^ +(?<token>hg_user_\w+)$/m.exec(serving.stdout)?.groups?.['token']
  assert.ok(token, serving.stdout)
  assert.match(serving.stdout, /Back up the key file/)
  writeFileSync(join(home, 'token'), `${token}\n`, { mode: 0o600 })
}

function answerOf(port: number): Promise<string> {
  return eventually(
    async () => {
      const response = await fetch(`http://127.0.0.1:${port}/`)
      assert.equal(response.status, 200)
      return response.text()
    },
    { within: 60_000 },
  )
}

function hasPython(): boolean {
  try {
    execFileSync('python3', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const python = hasPython()

/** What each command of the README is to print; those that are not here are to end well. */
const promised: readonly (readonly [command: RegExp, prints: RegExp])[] = [
  [/ login /, /^signed in to .* as owner of main$/m],
  [/ env init /, /^created shop\/dev at revision 1$/m],
  [/ env set .* hello$/, /revision 2$/m],
  [/ env set .* --secret/, /is now a secret; shop\/dev is at revision 3$/m],
  [/ env get /, /GREETING: hello\n +API_KEY:\n +fn::secret: \[secret\]$/m],
  [/ open /, /^API_KEY=\S{32}\nGREETING=hello$/m],
  [/ python3 -c /, /^hello$/m],
  [/ migrate plan /, /SMTP_PASSWORD +not taken \(placeholder\)/],
  [/ migrate apply /, /^applied migration [\w-]+$/m],
  [/ env history /, /^ +4 /m],
  [/ migrate rollback /, /shop\/dev {2}holds what revision 3 held$/m],
  [/ audit verify/, /^verified: nothing was changed outside of Headgate$/m],
]

test('the commands of the README work as they are written, a Python program among them', { timeout: 300_000 }, async (t) => {
  const [port, webPort] = [await freePort(), await freePort()]
  const rules: Rules = [
    ['4280', String(port)],
    [/ serve .*/, `$& --port ${port}`],
    [' 8000', ` ${webPort}`],
    [/ login .*/, '$& --token-file ~/token'],
  ]
  const shell = new Shell(t, { data: 'headgate', cwd: repository, rules, bare: false })
  const commands = shellBlocks('README.md', 'Use it').flatMap((block) => block.trimEnd().split('\n'))
  const met = new Set<RegExp>()
  for (const command of commands) {
    if (/ serve /.test(command)) await untilReady(shell.start(command), shell.home)
    else if (command.includes('python3') && !python) leavePythonOut(t, command)
    else if (command.includes('http.server')) {
      const server = shell.start(command)
      assert.match(await answerOf(webPort), /Directory listing/)
      await interrupt(server)
    } else {
      const { stdout } = await shell.run(command)
      for (const [matching, prints] of promised.filter(([each]) => each.test(command))) {
        assert.match(stdout, prints, command)
        met.add(matching)
      }
      const migration = /^applied migration (?<id>\S+)$/m.exec(stdout)?.groups?.['id']
      if (migration) shell.rules.push(['MIGRATION', migration])
    }
  }
  const missing = promised.filter(([command]) => !met.has(command) && (python || !command.source.includes('python3')))
  assert.deepEqual(missing, [], 'every promise is about a command that is there')
})

function leavePythonOut(t: TestContext, command: string): void {
  t.diagnostic(`left out, as python3 is not installed: ${command}`)
}

if (!python) leaveOut('the tutorial word for word', 'python3 is not installed')
else {
  test('the tutorial goes word for word from a .env to a Python program with its values', { timeout: 300_000 }, async (t) => {
    const [port, appPort] = [await freePort(), await freePort()]
    const rules: Rules = [
      ['4280', String(port)],
      ['8123', String(appPort)],
      [/headgate serve/, `headgate serve --port ${port}`],
      [/ login .*/, '$& --token-file ~/token'],
      [/ migrate apply/, '$& --yes'],
      [/ --secret$/, '$& --value-file ~/token'],
      [/ backup .*/, '$& --passphrase-file ~/token'],
    ]
    const shell = new Shell(t, { data: join('hello', '.headgate', 'data'), rules, bare: true })
    const printed = new Map<string, string>()
    for (const block of shellBlocks('docs/tutorial.md')) {
      if (block.startsWith('headgate serve')) await untilReady(shell.start(block), shell.home)
      else if (block.includes('headgate run')) await runsHello(shell, block, appPort)
      else printed.set(block, (await shell.run(block)).stdout)
    }
    const all = [...printed.values()].join('\n')
    assert.match(all, /^3 values compared, all as in the files$/m)
    assert.match(all, /^Good morning$/m)
    assert.match(all, /^verified: nothing was changed outside of Headgate$/m)
    assert.ok(existsSync(join(shell.cwd, 'headgate.age')))
  })
}

/** The program of the tutorial answers with a variable it was given, and with the length of a secret one. */
async function runsHello(shell: Shell, block: string, port: number): Promise<void> {
  const program = shell.start(block)
  assert.equal(await answerOf(port), 'Good morning, 29 characters of secret\n')
  await interrupt(program)
}
