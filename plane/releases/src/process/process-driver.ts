import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type LimitsTarget, type Result, type Secret, ok, refuse } from '@headgate/model'
import type { Clock } from '../clock.ts'
import { CLAIMED, LAUNCH, NOT_LIMITED, attemptsIn, burnClaim, claimPath, readClaim } from './claim.ts'
import type { ControlGroups } from './control-group.ts'
import type { Command, Fence } from './fence.ts'
import { outputPath } from './output-log.ts'
import type { FileContents, PrivateFiles } from './private-files.ts'
import { type ProcessIdentity, isRunning, sessionMembers, stillIn } from './process-table.ts'

/** One process of an instance: an instance that is started again gets a new attempt. */
export interface Attempt {
  readonly id: string
  readonly attempt: number
}

export interface StartOrder extends Attempt {
  /** The placed artifact. */
  readonly folder: string
  readonly run: string
  readonly port: number
  readonly variables: Readonly<Record<string, string | Secret>>
  /** Written to private files, whose paths become variables of these names. */
  readonly files: FileContents
  readonly limits: LimitsTarget
}

export type FoundProcess =
  | { readonly state: 'unclaimed' }
  | { readonly state: 'running'; readonly process: ProcessIdentity }
  | { readonly state: 'gone'; readonly process?: ProcessIdentity }

/** How a process ended; known only of those that this plane started itself. */
export interface Exit {
  readonly code: number | null
  readonly signal: string | null
}

/** Runs instances as processes of this machine: each in a session of its own, so that they outlive the plane. */
export interface ProcessDriver {
  /** Starts an attempt, or finds it started. The same attempt never runs twice. @throws RUN_FENCED */
  start(order: StartOrder, command: Command): Promise<Result<ProcessIdentity>>
  find(attempt: Attempt): Promise<FoundProcess>
  /** Every attempt of whatever instance whose process runs on this machine. */
  running(): Promise<readonly Attempt[]>
  /** Gives an instance that runs other contents in its files. @throws RUN_FENCED */
  rewrite(id: string, files: FileContents, command: Command): Promise<void>
  /**
   * Ends everything of an attempt: asks, and after the grace kills. Aborted, it leaves what was asked to end to itself.
   *
   * @throws RUN_FENCED; the signal's reason
   */
  stop(attempt: Attempt, graceMs: number, command: Command, signal?: AbortSignal): Promise<void>
  exitOf(attempt: Attempt): Exit | undefined
  /** Called when a process that this plane started ends; others have to be looked for. */
  onExit(listener: (attempt: Attempt) => void): () => void
  /** Where an instance's log and claims are. */
  folderOf(id: string): string
  /** Whether the kernel keeps the limits. */
  readonly limited: boolean
  forget(id: string): Promise<void>
}

export interface ProcessDriverOptions {
  readonly folder: string
  readonly fence: Fence
  readonly files: PrivateFiles
  readonly clock: Clock
  readonly groups?: ControlGroups
  /** Where commands are looked for; default: as for the plane itself. */
  readonly path?: string
}

/** How often a process that is being waited for is looked at, in milliseconds. */
const LOOK_MS = 10

export function createProcessDriver(options: ProcessDriverOptions): ProcessDriver {
  const { clock, groups, fence, files } = options
  const exits = new Map<string, Exit>()
  const listeners = new Set<(attempt: Attempt) => void>()
  const folderOf = (id: string) => join(options.folder, id)

  const ended = (attempt: Attempt, exit: Exit): void => {
    exits.set(nameOf(attempt), exit)
    for (const listener of listeners) listener(attempt)
  }

  const find = async ({ id, attempt }: Attempt): Promise<FoundProcess> => {
    const claim = await readClaim(folderOf(id), attempt)
    if (claim === 'unclaimed') return { state: 'unclaimed' }
    if (claim === 'torn') return { state: 'gone' }
    return { state: (await isRunning(claim)) ? 'running' : 'gone', process: claim }
  }

  return {
    limited: groups !== undefined,
    folderOf,
    find,
    running: () => runningIn(options.folder, find),
    exitOf: (attempt) => exits.get(nameOf(attempt)),
    onExit(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async start(order, command) {
      await fence.pass(command)
      const before = await find(order)
      if (before.state !== 'unclaimed') {
        return before.process ? ok(before.process) : refuse('INSTANCE_NOT_STARTED', { instance: order.id, reason: 'its start was cut off' })
      }
      const unfit = unfitVariable(order)
      if (unfit !== undefined) return refuse('INSTANCE_NOT_STARTED', { instance: order.id, reason: unfit })
      const paths = await files.write(order.id, order.files)
      const group = groups ? await groups.create(nameOf(order), order.limits) : ''
      return launch(
        { ...order, variables: { ...order.variables, ...paths } },
        { folder: folderOf(order.id), group, path: options.path, clock, find, ended },
      )
    },
    async stop(attempt, graceMs, command, signal) {
      await fence.pass(command)
      let found = await find(attempt)
      if (found.state === 'unclaimed' && !(await burnClaim(folderOf(attempt.id), attempt.attempt))) found = await find(attempt)
      if (found.state !== 'unclaimed' && found.process) await endSession(found.process, { graceMs, clock, signal })
      await groups?.remove(nameOf(attempt))
      await files.remove(attempt.id)
    },
    async rewrite(id, contents, command) {
      await fence.pass(command)
      await files.write(id, contents)
    },
    async forget(id) {
      await rm(folderOf(id), { recursive: true, force: true })
    },
  }
}

async function runningIn(folder: string, find: ProcessDriver['find']): Promise<readonly Attempt[]> {
  const claimed = await attemptsIn(folder)
  const found = await Promise.all(claimed.map(find))
  return claimed.filter((_, index) => found[index]?.state === 'running')
}

function nameOf({ id, attempt }: Attempt): string {
  return `${id}.${attempt}`
}

interface Launch {
  readonly folder: string
  readonly group: string
  readonly path: string | undefined
  readonly clock: Clock
  readonly find: (attempt: Attempt) => Promise<FoundProcess>
  readonly ended: (attempt: Attempt, exit: Exit) => void
}

async function launch(order: StartOrder, { folder, group, path, clock, find, ended }: Launch): Promise<Result<ProcessIdentity>> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const output = openSync(outputPath(folder), 'a', 0o600)
  let child: ChildProcess
  try {
    child = spawn('/bin/sh', ['-c', LAUNCH, 'headgate', order.run, claimPath(folder, order.attempt), group], {
      cwd: order.folder,
      detached: true,
      stdio: ['ignore', output, output],
      env: environmentOf(order, path),
    })
  } finally {
    closeSync(output)
  }
  let failure: string | undefined
  let exit: Exit | undefined
  child.once('error', (error) => (failure = error.message))
  child.once('exit', (code, signal) => {
    exit = { code, signal }
    ended({ id: order.id, attempt: order.attempt }, exit)
  })
  child.unref()
  return awaitClaim(order, { clock, find, failed: () => failure ?? refusalOf(exit) })
}

/** Waits until the process has said who it is. It does so before it runs anything, so this takes a moment only. */
async function awaitClaim(
  order: StartOrder,
  wait: { clock: Clock; find: Launch['find']; failed: () => string | undefined },
): Promise<Result<ProcessIdentity>> {
  for (;;) {
    const failure = wait.failed()
    const found = await wait.find(order)
    if (found.state !== 'unclaimed' && found.process) return ok(found.process)
    if (failure !== undefined) return refuse('INSTANCE_NOT_STARTED', { instance: order.id, reason: failure })
    await wait.clock.sleep(2)
  }
}

function refusalOf(exit: Exit | undefined): string | undefined {
  if (exit === undefined) return undefined
  if (exit.code === NOT_LIMITED) return 'its control group did not take the process'
  return exit.code === CLAIMED ? 'its start was cut off' : 'the shell ended before it ran the command'
}

/** Why a process cannot be given one of these variables; the value is never part of it. */
function unfitVariable({ variables, files }: StartOrder): string | undefined {
  for (const name of [...Object.keys(variables), ...Object.keys(files)]) {
    const value = variables[name]
    const text = typeof value === 'object' ? value.reveal() : (value ?? '')
    if (name === '' || /[=\0]/.test(name)) return `${JSON.stringify(name)} cannot be the name of a variable`
    if (text.includes('\0')) return `the value of ${name} holds a NUL byte; deliver it as a file, under \`files\``
  }
  return undefined
}

/** Of the plane's own environment only what any program expects: the rest may hold secrets of the plane. */
const INHERITED = ['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TZ', 'TMPDIR']

function environmentOf(order: StartOrder, path: string | undefined): Record<string, string> {
  const inherited = INHERITED.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]] as const]))
  const given = Object.entries(order.variables).map(([name, value]) => [name, typeof value === 'string' ? value : value.reveal()] as const)
  return Object.fromEntries([
    ...inherited,
    ...(path === undefined ? [] : [['PATH', path] as const]),
    ...given,
    ['PORT', String(order.port)],
    ['HEADGATE_INSTANCE', order.id],
  ])
}

/**
 * Ends a session: asks its first process group to end, and kills whatever of the session is left after the grace. The
 * leader may be gone and others of its session not; those are ended as well.
 */
async function endSession(
  leader: ProcessIdentity,
  { graceMs, clock, signal: aborted }: { graceMs: number; clock: Clock; signal: AbortSignal | undefined },
): Promise<void> {
  const kernelTells = leader.started !== ''
  const all = async (): Promise<readonly number[]> => (kernelTells ? sessionMembers(leader) : (await isRunning(leader)) ? [leader.pid] : [])
  const until = clock.now() + graceMs
  let members = await all()
  if (graceMs > 0) signal(members.includes(leader.pid) ? [-leader.pid] : members, 'SIGTERM')
  while (members.length > 0) {
    if (clock.now() >= until) signal(members, 'SIGKILL')
    await clock.sleep(LOOK_MS, aborted)
    // Looking for all of a session reads every process there is, so it is done only when the known ones are gone.
    const left = kernelTells ? await stillIn(leader, members) : []
    members = left.length > 0 ? left : await all()
  }
}

function signal(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name)
    } catch {
      // It ended by itself in between.
    }
  }
}
