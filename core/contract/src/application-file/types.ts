import type { DrainTarget, HealthTarget, LimitsTarget, Reload, Strategy, Thresholds } from '@headgate/model'

/** `headgate.yaml` with every default filled in: times in milliseconds, sizes in bytes. */
export interface ApplicationFile {
  readonly project: string
  /** In the order of the file; the first one answers to the environment's domain itself. */
  readonly services: Readonly<Record<string, ApplicationService>>
  readonly environments: Readonly<Record<string, ApplicationEnvironment>>
}

export interface ApplicationService {
  readonly build?: string
  /** The folder that is copied, relative to the file. */
  readonly artifact: string
  readonly run: string
  readonly health: HealthTarget
  readonly replicas: number
  readonly limits: LimitsTarget
  readonly drain: DrainTarget
  readonly reload: Reload
}

export interface ApplicationEnvironment {
  /** `project/environment[@tag or revision]` */
  readonly configuration: string
  readonly domain?: string
  readonly strategy: Strategy
  readonly thresholds?: Thresholds
}
