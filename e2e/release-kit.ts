/** An application that is released as its users release it: its files, its setting, the command line, and the router in front. */
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { findRouter } from '@headgate/router'
import { eventually } from '../test/eventually.ts'
import { proving } from '../test/proving.ts'
import { type StartedProcess, startProcess } from '../test/child-process.ts'
import { type Home, type RunningPlane, headgate, killIfThere, makeHome, processesIn, runHeadgate, startPlane } from './plane-process.ts'

/** For a test that releases several times: a minute is too short for it on a slow machine. */
export const long = { timeout: proving ? 3_600_000 : 540_000 }

/** Runs on whatever Python there is; answers with its code's name and everything it was configured with. */
export const pythonServer = `import json, os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CODE = open('code.txt', encoding='utf-8').read()
SETTINGS = {name: value for name, value in os.environ.items() if name.startswith('SET_')}
ANSWER = json.dumps({'code': CODE, 'settings': SETTINGS, 'release': os.environ['HEADGATE_RELEASE'], 'pid': os.getpid()}).encode()

class Answer(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def do_GET(self):
        self.send_response(200)
        self.send_header('content-length', str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER)
    def log_message(self, *words):
        print(self.path, flush=True)

ThreadingHTTPServer.request_queue_size = 128
print('started', flush=True)
ThreadingHTTPServer(('127.0.0.1', int(os.environ['PORT'])), Answer).serve_forever()
`

const QUICK_HEALTH = '{ path: /healthz, interval: 100ms, timeout: 5s, healthy_after: 1 }'
/** Requests may take as long as a slow machine needs; what never ends by itself is closed soon. */
const QUICK_DRAIN = '{ requests: 60s, connections: 1s }'

export interface ServiceText {
  readonly run: string
  readonly replicas?: number
  readonly health?: string
  readonly drain?: string
  /** More lines of the service, each with its indentation. */
  readonly more?: string
}

/** The text of a `headgate.yaml` with short times. */
export function applicationText(services: Readonly<Record<string, ServiceText>>, steps = '[100]'): string {
  const each = Object.entries(services).map(([name, { run, replicas = 1, health = QUICK_HEALTH, drain = QUICK_DRAIN, more = '' }]) =>
    [`  ${name}:`, `    run: ${run}`, `    health: ${health}`, `    replicas: ${replicas}`, `    drain: ${drain}`, more]
      .filter((line) => line !== '')
      .join('\n'),
  )
  const environment = `  production:\n    configuration: notes/production\n    domain: notes.localhost\n    strategy: { type: blue-green, steps: ${steps}, step_duration: 200ms }`
  return `project: notes\nservices:\n${each.join('\n')}\nenvironments:\n${environment}\n`
}

export interface DeployEvent {
  readonly type: string
  readonly key?: string
  readonly text?: string
  readonly state?: string
  readonly reason?: string
  readonly direction?: string
  readonly release?: { readonly id: string; readonly number: number }
}

export interface Deployed {
  readonly code: number | null
  readonly events: readonly DeployEvent[]
  readonly stderr: string
  /** How it ended, in the plane's words. */
  readonly end: DeployEvent | undefined
}

export interface Served {
  readonly code: string
  readonly settings: Readonly<Record<string, string>>
  readonly release: string
  readonly pid: number
}

export interface Instance {
  readonly instance: string
  readonly release: string
  readonly state: string
  readonly pid?: number
  readonly restarts: number
}

export interface Status {
  readonly live?: { readonly id: string; readonly number: number; readonly version?: string }
  readonly deployment?: { readonly state: string; readonly kind: string; readonly reason?: string }
  readonly services: readonly { readonly service: string; readonly domain: string; readonly instances: readonly Instance[] }[]
}

export class Site {
  readonly home: Home
  readonly folder: string
  readonly #context: TestContext
  plane: RunningPlane

  private constructor(context: TestContext, home: Home, plane: RunningPlane) {
    this.#context = context
    this.home = home
    this.plane = plane
    this.folder = join(home.folder, 'application')
    mkdirSync(this.folder)
  }

  /** An empty folder to deploy from, beside a plane. */
  static at(context: TestContext, home: Home, plane: RunningPlane): Site {
    return new Site(context, home, plane)
  }

  /** A plane with an empty environment `notes/production` and an empty folder to deploy from. */
  static async open(context: TestContext): Promise<Site> {
    const home = makeHome(context)
    const site = Site.at(context, home, await startPlane(context, home))
    await site.run(['env', 'init', 'notes/production'])
    return site
  }

  write(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(join(this.folder, name, '..'), { recursive: true })
      writeFileSync(join(this.folder, name), text)
    }
  }

  /** Runs a command that has to do what it should. */
  async run(words: readonly string[], input?: string): Promise<string> {
    const ended = await this.try(words, input)
    assert.equal(ended.code, 0, `${words.join(' ')}\n${ended.stderr}${ended.stdout}`)
    return ended.stdout
  }

  try(words: readonly string[], input?: string) {
    return runHeadgate(this.#context, this.plane, words, {
      cwd: this.folder,
      within: 300_000,
      ...(input === undefined ? {} : { input }),
    })
  }

  set(name: string, value: string): Promise<string> {
    return this.run(['env', 'set', 'notes/production', `environmentVariables.${name}`, '--string', '--value-file', '-'], value)
  }

  async deploy(words: readonly string[] = []): Promise<Deployed> {
    const { code, stdout, stderr } = await this.try(['deploy', '--environment', 'production', ...words, '--json'])
    return readDeployed(code, stdout, stderr)
  }

  async rollBack(to: string): Promise<Deployed> {
    const { code, stdout, stderr } = await this.try(['rollback', '--to', to, '--environment', 'production', '--json'])
    return readDeployed(code, stdout, stderr)
  }

  beginDeploy(words: readonly string[] = []): StartedProcess {
    return this.begin(['deploy', ...words])
  }

  /** Begins a deployment or a rollback and leaves it running, its events on standard output. */
  begin([command = '', ...words]: readonly string[]): StartedProcess {
    return startProcess(this.#context, ['node', headgate, command, '--environment', 'production', ...words, '--json'], {
      cwd: this.folder,
      env: this.plane.environment,
      within: 300_000,
    })
  }

  async status(): Promise<Status> {
    const params = { organisation: 'main', project: 'notes', environment: 'production' }
    const answer = await this.plane.client.call('readStatus', { params })
    assert.ok(answer.ok, JSON.stringify(answer))
    return answer.value as unknown as Status
  }

  /** Waits until no deployment is under way; the answer was looked for after that. */
  async quiet(): Promise<Status> {
    const ended = async (): Promise<boolean> => {
      const { deployment } = await this.status()
      return deployment?.state !== 'running' && deployment?.state !== 'returning'
    }
    await eventually(ended, { within: 180_000, every: 100 })
    return this.status()
  }

  async instances(): Promise<Instance[]> {
    return (await this.status()).services.flatMap(({ instances }) => instances)
  }

  /** Starts the plane again after it was killed; it has another port then, and the same router. */
  async startAgain(): Promise<void> {
    this.plane = await startPlane(this.#context, this.home, this.plane.token)
  }

  /** Lets the plane end as Ctrl-C does; instances and router run on. */
  async stopPlane(): Promise<void> {
    this.plane.process.kill('SIGTERM')
    await this.plane.process.ended()
  }

  async killPlane(): Promise<void> {
    this.plane.process.kill('SIGKILL')
    await this.plane.process.ended()
  }

  ask(path = '/', host = 'notes.localhost'): Promise<{ status: number; body: string }> {
    return askRouter(this.plane.router, host, path)
  }

  async served(): Promise<Served> {
    const { status, body } = await this.ask()
    assert.equal(status, 200, body)
    return JSON.parse(body) as Served
  }

  /** The processes instances began with: each is the leader of its own session, whatever it started in it. */
  processes(): number[] {
    return processesIn(join(this.home.data, 'artifacts')).filter((pid) => isLeader(pid))
  }

  kill(pid: number): void {
    killIfThere(pid)
  }
}

/** Two instances of v0, which go from release to release in two shares. */
export async function openTwice(t: TestContext, run: string): Promise<Site> {
  const site = await Site.open(t)
  site.write({
    'server.py': pythonServer,
    'code.txt': 'code 0',
    'headgate.yaml': applicationText({ web: { run, replicas: 2 } }, '[50, 100]'),
  })
  await site.set('SET_ONE', 'setting 0')
  const first = await site.deploy(['--version', 'v0'])
  assert.equal(first.code, 0, JSON.stringify(first.end) + first.stderr)
  return site
}

export async function routerPid(site: Site): Promise<number> {
  // It takes traffic a moment before it takes commands.
  const router = await eventually(() => findRouter(join(site.home.data, 'router')))
  return router.pid
}

/** The two instances of what is live, once nothing else runs. */
export async function settledInstances(site: Site): Promise<Instance[]> {
  const instances = await site.instances()
  const { live } = await site.status()
  assert.equal(instances.length, 2, JSON.stringify(instances))
  assert.deepEqual(new Set(instances.map(({ state, release }) => `${state} ${release}`)), new Set([`healthy ${live?.id}`]))
  const ascending = (one: number, other: number): number => one - other
  assert.deepEqual(site.processes().toSorted(ascending), instances.map(({ pid }) => pid ?? 0).toSorted(ascending))
  return instances
}

function readDeployed(code: number | null, stdout: string, stderr: string): Deployed {
  const events = readEvents(stdout)
  return { code, events, stderr, end: events.findLast(({ type }) => type === 'deployment') }
}

export function readEvents(stdout: string): DeployEvent[] {
  const lines = stdout.split('\n').slice(0, -1)
  return lines.filter((line) => line.startsWith('{"')).map((line) => JSON.parse(line) as DeployEvent)
}

function isLeader(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3] === String(pid)
  } catch {
    return false
  }
}

function askRouter(router: string, host: string, path: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(new URL(path, router), { headers: { host }, agent: false }, (answer) => {
      let body = ''
      answer.setEncoding('utf8')
      answer.on('data', (text: string) => (body += text))
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }))
      answer.on('error', reject)
    })
    asked.on('error', reject)
    asked.end()
  })
}
