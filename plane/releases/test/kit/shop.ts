import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { ApplicationFile, ApplicationService } from '@headgate/contract'
import type { Deployment, Release, ReleaseTarget, Result, Strategy, Thresholds } from '@headgate/model'
import type { InstanceStatus, ReleaseEvent, TargetStatus } from '../../src/index.ts'
import type { Values } from './file-configuration.ts'
import { type Answer, type TestPlane, ask, by } from './plane.ts'
import { upload, valueOf } from './upload.ts'

export interface ServiceOptions extends Partial<ApplicationService> {
  readonly name?: string
}

export interface EnvironmentOptions {
  readonly strategy?: Partial<Strategy>
  readonly thresholds?: Thresholds
  readonly domain?: string
  readonly version?: string
}

const defaultService: ApplicationService = {
  artifact: '.',
  run: `"${process.execPath}" application.mjs`,
  health: { path: '/healthz', intervalMs: 100, timeoutMs: 1000, healthyAfter: 1, deadlineMs: 20_000 },
  replicas: 1,
  limits: {},
  drain: { requestsMs: 2000, connectionsMs: 2000 },
  reload: 'switch',
}

const PAUSE_MS = 5

/** An application in an environment of its own, with what its users and its developers do. Times are short, because tests wait for them. */
export class Shop {
  readonly plane: TestPlane
  readonly target: ReleaseTarget
  readonly domain: string

  constructor(plane: TestPlane, environment: string) {
    this.plane = plane
    this.target = { project: 'shop', environment }
    this.domain = `${environment}.test`
  }

  save(values: Values): number {
    return this.plane.configuration.save(`shop/${this.target.environment}`, values)
  }

  file(
    services: readonly ServiceOptions[] = [{}],
    { strategy, thresholds, domain = this.domain }: EnvironmentOptions = {},
  ): ApplicationFile {
    const environment = {
      configuration: `shop/${this.target.environment}`,
      domain,
      strategy: { type: 'blue-green' as const, steps: [100], stepDurationMs: 100, ...strategy },
      ...(thresholds ? { thresholds } : {}),
    }
    return {
      project: 'shop',
      services: Object.fromEntries(services.map(({ name = 'web', ...more }) => [name, { ...defaultService, ...more }])),
      environments: { [this.target.environment]: environment },
    }
  }

  /** The folder of the application with its code called so. */
  folder(code: string): string {
    const folder = join(this.plane.place.root, `${this.target.environment} ${code}`)
    mkdirSync(folder, { recursive: true })
    cpSync(join(import.meta.dirname, 'application.mjs'), join(folder, 'application.mjs'))
    writeFileSync(join(folder, 'code.txt'), code)
    return folder
  }

  /** Uploads the application, each service with the code of the release or one of its own, and freezes a release. */
  async release(
    code: string | Readonly<Record<string, string>>,
    services?: readonly ServiceOptions[],
    options: EnvironmentOptions = {},
  ): Promise<Release> {
    const file = this.file(services, options)
    const artifacts: Record<string, string> = {}
    for (const name of Object.keys(file.services)) {
      const called = typeof code === 'string' ? code : (code[name] ?? name)
      artifacts[name] = await upload(this.plane.releases.artifacts, this.folder(called))
    }
    const { version } = options
    return valueOf(
      await this.plane.releases.create({ target: this.target, file, artifacts, by, ...(version === undefined ? {} : { version }) }),
    )
  }

  /** Brings a release live, or tries to, and waits for the end of that. */
  async deploy(release: Release): Promise<Deployment> {
    return this.settled(await this.plane.releases.deploy({ release: release.id, by }))
  }

  async rollback(to = 'previous'): Promise<Deployment> {
    return this.settled(await this.plane.releases.rollback({ target: this.target, to, by }))
  }

  async settled(begun: Result<Deployment>): Promise<Deployment> {
    return this.plane.releases.settled(valueOf(begun).id)
  }

  async events(deployment: Deployment): Promise<ReleaseEvent[]> {
    const events: ReleaseEvent[] = []
    for await (const event of this.plane.releases.events(deployment.id)) events.push(event)
    return events
  }

  async status(): Promise<TargetStatus> {
    return valueOf(await this.plane.releases.status(this.target))
  }

  async instances(): Promise<readonly InstanceStatus[]> {
    return (await this.status()).services.flatMap(({ instances }) => instances)
  }

  ask(path = '/', host = this.domain): Promise<Answer> {
    return ask(this.plane.router.port, host, path)
  }

  /** Keeps asking, some at a time, until it is told to stop; what was answered, and what was not. */
  keepAsking(workers = 4): { stop(): Promise<Asked> } {
    const asked: Asked = { answers: {}, errors: [] }
    let going = true
    const work = async (): Promise<void> => {
      while (going) {
        try {
          const { status, body } = await this.ask()
          const name = `${status} ${body.code ?? ''} ${body.greeting ?? ''}`.trim()
          asked.answers[name] = (asked.answers[name] ?? 0) + 1
        } catch (error) {
          asked.errors.push(String(error))
        }
        // Enough to be judged by, without taking the machine from the rest of the tests.
        await pause(PAUSE_MS)
      }
    }
    const working = Promise.all(Array.from({ length: workers }, work))
    return {
      async stop() {
        going = false
        await working
        return asked
      },
    }
  }
}

export interface Asked {
  /** How often each answer came, as `status code greeting`. */
  readonly answers: Record<string, number>
  readonly errors: string[]
}
