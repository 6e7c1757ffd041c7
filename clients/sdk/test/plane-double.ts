/**
 * A plane on loopback for tests: exactly the routes getSession and openEnvironment, and the socket of change
 * notifications, as the contract describes them. What it answers can be bent, to see what the SDK makes of it.
 */
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Answer, type ClientFrame, EVENTS_PATH, type ServerFrame, clientFrame } from '@headgate/contract'
import { type ErrorCode, errorEntry, problemOf } from '@headgate/model'
import { type WebSocket, WebSocketServer } from 'ws'
import type { JsonObject } from '../src/snapshot.ts'

export interface SavedEnvironment {
  readonly values: JsonObject
  readonly secrets?: readonly string[]
  /** Digest, as for an instance of a release. */
  readonly configuration?: string
  /** `project/environment` of what it imports. */
  readonly imports?: readonly string[]
}

/** What the next answers are instead of the right ones. */
export type Bend = { readonly refuse: ErrorCode } | { readonly body: string; readonly status: number } | 'hang' | undefined

const ORGANISATION = 'main'

interface Watch {
  readonly name: string
  /** Set where values are wished for. */
  readonly wish: { readonly version?: string | undefined } | undefined
  /** How many answers the client says it had. */
  asked: number
}

export class PlaneDouble {
  readonly #server: Server
  readonly #sockets = new WebSocketServer({ noServer: true })
  readonly #revisions = new Map<string, SavedEnvironment[]>()
  readonly #tags = new Map<string, number>()
  readonly #watches = new Map<WebSocket, Watch>()
  /** Tokens that are taken. */
  readonly tokens: Set<string>
  bend: Bend
  bendOpen: Bend
  /** Whether it sends values to whoever wishes for them; without, it is as one from before there were any. */
  sendsValues = false
  /** What is sent with a change instead of what it comes to: nothing but the notice, or other values. */
  bendValues: 'notice' | Partial<Extract<ServerFrame, { type: 'values' }>> | undefined
  values = 0
  /** Called before an environment is opened; what it waits for delays the answer. */
  beforeOpen: () => Promise<void> | void = () => {}
  /** Kept when it closes, so that it can come back where it was. */
  port = 0
  opens = 0
  sessions = 0
  /** What clients said they had loaded. */
  readonly loaded: string[] = []
  /** Every address and header line that was asked for, to look for what must not be in them. */
  readonly addresses: string[] = []

  private constructor(tokens: readonly string[]) {
    this.tokens = new Set(tokens)
    this.#server = createServer((request, response) => void this.#answer(request, response))
    this.#server.on('upgrade', (request, socket, head) => {
      this.addresses.push(request.url ?? '')
      if (this.bend !== undefined || request.url !== EVENTS_PATH) return socket.destroy()
      this.#sockets.handleUpgrade(request, socket, head, (client) => this.#welcome(client))
    })
  }

  static async start(tokens: readonly string[]): Promise<PlaneDouble> {
    const double = new PlaneDouble(tokens)
    await double.listen(0)
    return double
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  get connections(): number {
    return this.#sockets.clients.size
  }

  get watching(): number {
    return this.#watches.size
  }

  /** How many answers its clients say they had. */
  get asked(): number {
    return [...this.#watches.values()].reduce((sum, { asked }) => sum + asked, 0)
  }

  async listen(port: number): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve))
    this.port = (this.#server.address() as AddressInfo).port
  }

  /** Saves the next revision and tells everybody who watches the environment or something that imports it. */
  save(name: string, environment: SavedEnvironment): number {
    const revisions = this.#revisions.get(name) ?? []
    this.#revisions.set(name, [...revisions, environment])
    const revision = revisions.length + 1
    for (const [socket, watch] of this.#watches) {
      const { name: watched } = watch
      const imported = this.#newest(watched)?.imports?.includes(name)
      if (watched === name) this.#change(socket, watch, { type: 'revision', ...this.#named(name), revision })
      else if (imported) {
        this.#change(socket, watch, { type: 'revision', ...this.#named(watched), revision: this.#headOf(watched), imported: true })
      }
    }
    return revision
  }

  tag(name: string, tag: string, revision: number): void {
    this.#tags.set(`${name}@${tag}`, revision)
    for (const [socket, watch] of this.#watches) {
      if (watch.name === name) this.#change(socket, watch, { type: 'revision', ...this.#named(name), revision: this.#headOf(name) })
    }
  }

  remove(name: string): void {
    this.#revisions.delete(name)
    for (const [socket, watch] of this.#watches) if (watch.name === name) this.#tell(socket, { type: 'gone', ...this.#named(name) })
  }

  /** Other values at the same revision, as when a provider hands out something new. */
  replace(name: string, environment: SavedEnvironment): void {
    this.#revisions.set(name, [...(this.#revisions.get(name) ?? []).slice(0, -1), environment])
  }

  /** A plane that restarted from an older back-up. */
  forget(name: string, revision: number): void {
    this.#revisions.set(name, (this.#revisions.get(name) ?? []).slice(0, revision))
  }

  revoke(token: string): void {
    this.tokens.delete(token)
    for (const socket of this.#watches.keys()) {
      this.#tell(socket, { type: 'refused', code: 'TOKEN_REVOKED', message: 'this token was revoked' })
      socket.close(4401)
    }
  }

  dropSockets(): void {
    for (const socket of this.#sockets.clients) socket.terminate()
  }

  /** Stops answering, as a plane that died; `listen` brings it back. */
  async close(): Promise<void> {
    this.dropSockets()
    this.#server.closeAllConnections()
    if (!this.#server.listening) return
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #welcome(client: WebSocket): void {
    let signedIn = false
    client.on('close', () => this.#watches.delete(client))
    client.on('message', (data) => {
      const frame: ClientFrame = clientFrame.parse(JSON.parse(String(data)))
      if (frame.type === 'authenticate') {
        signedIn = this.tokens.has(frame.token)
        if (signedIn) return this.#tell(client, { type: 'ready', user: 'owner', ...(this.sendsValues ? { values: true } : {}) })
        this.#tell(client, { type: 'refused', code: 'TOKEN_INVALID', message: 'this token is not known here' })
        return client.close(4401)
      }
      if (!signedIn) return client.close(4401)
      if (frame.type === 'loaded') return void this.loaded.push(frame.configuration)
      if (frame.type === 'asked') {
        const watch = this.#watches.get(client)
        if (!this.sendsValues || !watch) return client.close(4400)
        watch.asked = frame.asked
        return
      }
      for (const { project, environment, known, values } of frame.environments) {
        const name = `${project}/${environment}`
        this.#watches.set(client, { name, wish: this.sendsValues ? values : undefined, asked: 0 })
        const head = this.#headOf(name)
        if (head > known) this.#tell(client, { type: 'revision', ...this.#named(name), revision: head })
      }
    })
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', 'http://double')
    this.addresses.push(`${url.pathname}${url.search}`)
    const isOpen = url.pathname.endsWith('/open')
    const bend = this.bend ?? (isOpen ? this.bendOpen : undefined)
    if (bend === 'hang') return
    if (bend && 'body' in bend) return void response.writeHead(bend.status).end(bend.body)
    if (bend) return refuse(response, bend.refuse)
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
    if (token === undefined) return refuse(response, 'TOKEN_MISSING')
    if (!this.tokens.has(token)) return refuse(response, 'TOKEN_INVALID')
    if (request.method === 'GET' && url.pathname === '/api/v1/session') {
      this.sessions += 1
      const session = { organisation: ORGANISATION, user: 'owner', kind: 'user', roles: ['owner'], token: { name: 'first' } }
      return send(response, 200, session)
    }
    const path = /^\/api\/v1\/environments\/([^/]+)\/([^/]+\/[^/]+)\/open$/.exec(url.pathname)
    if (request.method !== 'POST' || !path) return refuse(response, 'ROUTE_UNKNOWN')
    await this.#open(response, path[1] === ORGANISATION ? (path[2] ?? '') : '', url.searchParams.get('version') ?? undefined)
  }

  async #open(response: ServerResponse, name: string, version: string | undefined): Promise<void> {
    this.opens += 1
    const answer = this.#opened(name, version)
    await this.beforeOpen()
    if (!this.#revisions.has(name)) return refuse(response, 'ENV_NOT_FOUND')
    return answer ? send(response, 200, answer) : refuse(response, 'REVISION_NOT_FOUND')
  }

  /** What opening comes to now; undefined where there is no such revision. */
  #opened(name: string, version: string | undefined): Answer<'openEnvironment'> | undefined {
    const revision = version === undefined ? this.#headOf(name) : (this.#tags.get(`${name}@${version}`) ?? Number(version))
    const found = this.#revisions.get(name)?.[revision - 1]
    if (!found) return undefined
    const imports = found.imports ?? []
    const variables = (found.values['environmentVariables'] ?? {}) as Record<string, string>
    return {
      environment: name,
      revision,
      closure: [name, ...imports].map((each) => ({ ...this.#named(each), revision: each === name ? revision : this.#headOf(each) })),
      values: Object.assign({}, ...imports.map((each) => this.#newest(each)?.values), found.values) as Record<string, unknown>,
      secrets: [...(found.secrets ?? [])],
      variables: Object.entries(variables).map(([key, value]) => ({
        name: key,
        value,
        secret: found.secrets?.includes(`environmentVariables.${key}`) ?? false,
      })),
      files: [],
      diagnostics: [],
      ...(found.configuration === undefined ? {} : { configuration: found.configuration }),
    }
  }

  /** A change: the values where they are wished for, else the notice. */
  #change(socket: WebSocket, { name, wish, asked }: Watch, notice: ServerFrame): void {
    const opened = wish && this.bendValues !== 'notice' ? this.#opened(name, wish.version) : undefined
    if (!opened) return this.#tell(socket, notice)
    this.values += 1
    this.#tell(socket, { type: 'values', ...this.#named(name), asked, opened, ...(this.bendValues as object | undefined) })
  }

  #newest(name: string): SavedEnvironment | undefined {
    return this.#revisions.get(name)?.at(-1)
  }

  #headOf(name: string): number {
    return this.#revisions.get(name)?.length ?? 0
  }

  #named(name: string): { organisation: string; project: string; environment: string } {
    const [project = '', environment = ''] = name.split('/')
    return { organisation: ORGANISATION, project, environment }
  }

  #tell(socket: WebSocket, frame: ServerFrame): void {
    socket.send(JSON.stringify(frame))
  }
}

function refuse(response: ServerResponse, code: ErrorCode): void {
  const { message, details } = problemOf(code)
  send(response, errorEntry(code).status, { code, message, details, request: 'r-1' })
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
