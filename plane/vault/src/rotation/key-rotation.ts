import { HeadgateError, type Problem, type Result, problemOf } from '@headgate/model'
import type { Store } from '@headgate/store'
import type { ChangeWriter } from '../change-writer.ts'
import type { Vault } from '../vault.ts'
import { type MoveProgress, Overtaken } from './move-rows.ts'
import { type RotationRequest, type RotationStep, planFinish, planStart, planUndo } from './plan-rotation.ts'
import { type KeysReport, type RotationReport, countDataKeys, reportRotation } from './rotation-report.ts'
import { isUnderWay } from './rotation-state.ts'
import { type StepOptions, refreshKeys, takeStep } from './rotation-steps.ts'
import { type RotationTargets, sourceInUse } from './source-in-use.ts'
import { type SoleMover, createSoleMover } from './sole-mover.ts'

/**
 * The rotation of keys: planned as Changes that use cases commit, and carried out beside everything else. It listens to
 * commits, so it begins, turns back and finishes as soon as the Change that says so is durable.
 */
export interface KeyRotation {
  show(): Promise<KeysReport>
  planStart(request: RotationRequest): Promise<Result<RotationStep>>
  planUndo(): Promise<Result<RotationStep>>
  planFinish(): Promise<Result<RotationStep>>
  /** Goes on with what was cut off. */
  resume(): void
  /** Waits until there is nothing to do, or nothing can be done. */
  idle(): Promise<void>
  /** Stops after the batch under way; the next start goes on. */
  close(): Promise<void>
}

export interface KeyRotationOptions {
  readonly vault: Vault
  readonly store: Store
  readonly changes: ChangeWriter
  readonly targets?: RotationTargets
  readonly now?: () => number
  /** Rows looked at between two commits. Default 500. */
  readonly batch?: number
  /** Rows from which on a thread of its own seals. Default 5,000: fewer are moved before it has started. */
  readonly threadFrom?: number
  /** Told after each batch of rows. */
  readonly onBatch?: (progress: MoveProgress) => void
}

const BATCH = 500
const THREAD_FROM = 5_000
/** What passes by itself is tried again after this time, in milliseconds. */
const RETRY_AFTER = 5_000
const passing: ReadonlySet<string> = new Set(['STORE_UNAVAILABLE', 'STORE_UNCERTAIN', 'STORE_FULL', 'KMS_UNREACHABLE'])

export function createKeyRotation(options: KeyRotationOptions): KeyRotation {
  const { vault, store, targets = {}, now = Date.now } = options
  const trust = { verified: false }
  let progress: RotationReport['progress']
  const worker = createWorker(
    {
      batch: BATCH,
      threadFrom: THREAD_FROM,
      ...options,
      targets,
      now,
      trust,
      onProgress: (so) => (progress = so),
      isClosed: () => worker.isClosed(),
    },
    () => (progress = undefined),
  )
  const deafen = store.onCommit(({ tables }) => {
    if (tables.includes('key_rotations') || (vault.database.shared && tables.includes('key_records'))) worker.wake()
  })
  const planning = { vault, store, targets, now }
  return {
    async show() {
      const row = await store.keyRotations.newest()
      const { kind: source, place } = sourceInUse(vault, targets, row)
      return {
        source,
        place,
        rootKey: vault.keyring.rootId(),
        dataKeys: countDataKeys(await store.keyRecords.list()),
        ...(row ? { rotation: reportRotation(row, progress, isUnderWay(row) ? worker.problem() : undefined) } : {}),
      }
    },
    async planStart(request) {
      const planned = await planStart(planning, request)
      trust.verified = planned.ok && request.what !== 'root'
      return planned
    },
    planUndo: () => planUndo(planning),
    planFinish: () => planFinish(planning),
    resume: worker.wake,
    idle: worker.idle,
    async close() {
      deafen()
      await worker.close()
    },
  }
}

/**
 * Takes the next step of a rotation. Answers whether there is another one to take at once.
 *
 * @param later asked for where another process moves the rows: should it end, this one goes on
 */
function createStepper(options: StepOptions, mover: SoleMover, later: () => void): () => Promise<boolean> {
  const stepping: StepOptions = {
    ...options,
    onBatch(so) {
      mover.hold()
      options.onBatch?.(so)
    },
  }
  // Where no other process makes keys the ring was filled at the start and follows what is done, as long as that does not fail.
  let known = !options.vault.database.shared
  return async () => {
    const rotation = await refreshKeys(options, known)
    known = !options.vault.database.shared
    if (!rotation) return false
    if (!(await mover.take())) {
      later()
      return false
    }
    try {
      return (await takeStep(stepping, rotation)) === 'goes on'
    } catch (error) {
      if (error instanceof Overtaken) return true
      known = false
      throw error
    }
  }
}

/** Takes one step of a rotation after the other for as long as there is one to take. */
function createWorker(options: StepOptions, onRest: () => void) {
  const mover = createSoleMover(options.store, options.vault.database.shared, options.now)
  let running: Promise<void> | undefined
  let asked = false
  let closed = false
  let retry: NodeJS.Timeout | undefined
  let problem: Problem | undefined

  const later = () => {
    if (!closed) retry = setTimeout(wake, RETRY_AFTER).unref()
  }
  const next = createStepper(options, mover, later)
  const run = async (): Promise<void> => {
    do {
      asked = false
      while (!closed && (await next()));
    } while (asked && !closed)
    await mover.leave()
    options.trust.verified = false
  }
  const wake = (): void => {
    asked = true
    clearTimeout(retry)
    if (running || closed) return
    problem = undefined
    running = run()
      .catch((error: unknown) => {
        problem = error instanceof HeadgateError ? error.problem : problemOf('INTERNAL')
        if (passing.has(problem.code)) later()
      })
      .finally(() => {
        onRest()
        running = undefined
      })
  }
  return {
    wake,
    isClosed: () => closed,
    problem: () => problem,
    async idle() {
      while (running) await running
    },
    async close() {
      closed = true
      clearTimeout(retry)
      await running
    },
  }
}
