/**
 * The sealed copy of the last known values, for when the plane cannot be asked.
 *
 * A copy is sealed under a key made from the token and bound to the plane's address, the organisation, the
 * environment, the revision, the time and the format. It counts only while it is young enough, and only if it is the
 * newest that was ever written: beside it, in another folder, a sealed memory keeps the number of the last one.
 * Whoever can put back both at once can go back at most as far as the maximum age. When the plane refuses the token
 * or the environment, the copy is deleted and the memory moves on, so a copy kept elsewhere is worth nothing.
 */
import { hash } from 'node:crypto'
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { SecretKey } from '@headgate/crypto'
import { type Secret, shortName } from '@headgate/model'
import type { FallbackSettings } from './fallback-settings.ts'
import { withFileLock } from './file-lock.ts'
import { type SealedHeader, keyOfToken, readSealedFile, writeSealedFile } from './sealed-file.ts'
import type { Settings } from './settings.ts'
import { type JsonObject, type Pinned, type Snapshot, type Variable, freezeDeep } from './snapshot.ts'
import type { Clock } from './surroundings.ts'

export type FallbackRead = { readonly snapshot: Snapshot } | { readonly refused: string } | { readonly absent: string }

/** A clock that was set back by more than this makes ages meaningless. */
const FUTURE_ALLOWED_MS = 300_000

interface CopyContent {
  readonly closure: readonly Pinned[]
  readonly values: JsonObject
  readonly secrets: readonly string[]
  readonly variables: readonly (readonly [name: string, variable: Variable])[]
  /** Absent in copies of before there were any in it. */
  readonly files?: readonly (readonly [name: string, file: Variable])[]
}

export interface FallbackOptions {
  readonly settings: FallbackSettings
  readonly reference: Settings<unknown>['reference']
  readonly plane: { readonly url: string; readonly token: Secret }
  readonly clock: Clock
}

export class Fallback {
  readonly #options: FallbackOptions
  readonly #key: SecretKey
  readonly #copy: string
  readonly #memory: string
  #tidied = false
  /** The number of the copy this process wrote last. */
  #wrote: number | undefined

  constructor(options: FallbackOptions) {
    this.#options = options
    const { settings, reference, plane } = options
    this.#key = keyOfToken(plane.token)
    const scope = [plane.url, reference.organisation ?? '', shortName({ organisation: '', ...reference }), this.#key.id]
    const name = hash('sha256', JSON.stringify(scope)).slice(0, 32)
    this.#copy = join(settings.folder, `${name}.sealed`)
    this.#memory = join(settings.memory, `${name}.memory`)
  }

  get folder(): string {
    return this.#options.settings.folder
  }

  /** The last known values, or why there are none to use. */
  async read(): Promise<FallbackRead> {
    const copy = await readSealedFile(this.#copy, this.#key)
    if ('refused' in copy) return copy
    if (!copy.found) return { absent: `there is no copy in ${this.#options.settings.folder}` }
    const { header, content } = copy.file
    const objection = this.#objectionTo(header) ?? (await this.#rolledBack(header))
    if (objection !== undefined) return { refused: objection }
    return { snapshot: this.#snapshotOf(header, JSON.parse(Buffer.from(content).toString('utf8')) as CopyContent) }
  }

  /**
   * Keeps these values as the newest copy.
   *
   * @throws the file system's error where they cannot be kept
   */
  async write(snapshot: Snapshot): Promise<void> {
    if (this.#options.settings.mode !== 'on') return
    const content: CopyContent = {
      closure: snapshot.closure,
      values: snapshot.values,
      secrets: snapshot.secrets,
      variables: [...snapshot.variables],
      ...(snapshot.files ? { files: [...snapshot.files] } : {}),
    }
    await this.#locked(async () => {
      const seen = await this.#lastSeen()
      if (seen && this.#isOvertaken(snapshot, seen)) return
      const header = this.#headerOf('copy', snapshot, (seen?.sequence ?? 0) + 1)
      await writeSealedFile(this.#copy, this.#key, { header, content: Buffer.from(JSON.stringify(content)) })
      await writeSealedFile(this.#memory, this.#key, { header: { ...header, kind: 'memory' }, content: new Uint8Array() })
      this.#wrote = header.sequence
    })
    await this.#tidy()
  }

  /**
   * Deletes the copy and makes every older one unusable: the plane refused. In every mode.
   *
   * @throws the file system's error where the copy cannot be deleted
   */
  async destroy(): Promise<void> {
    await rm(this.#copy, { force: true })
    await this.#locked(async () => {
      const seen = await this.#lastSeen()
      // Again, because another process may have written one meanwhile.
      await rm(this.#copy, { force: true })
      if (!seen) return
      await writeSealedFile(this.#memory, this.#key, { header: { ...seen, sequence: seen.sequence + 1 }, content: new Uint8Array() })
    })
  }

  async #locked(run: () => Promise<void>): Promise<void> {
    const had = await withFileLock(`${this.#copy}.lock`, this.#options.clock, run)
    if (!had) throw Object.assign(new Error('another process holds the lock'), { code: 'ELOCKED' })
  }

  async #lastSeen(): Promise<SealedHeader | undefined> {
    const memory = await readSealedFile(this.#memory, this.#key)
    return 'found' in memory && memory.found && memory.file.header.kind === 'memory' ? memory.file.header : undefined
  }

  /**
   * Another process of this machine has kept values that the plane gave later than these, as far as can be told. Of those
   * the plane sends of its own accord nobody here knows how old they are: behind a copy of another process only a newer
   * revision counts, where revisions only rise; whatever else is newer is kept when the plane is asked again.
   */
  #isOvertaken(snapshot: Snapshot, seen: SealedHeader): boolean {
    if (snapshot.pushed) {
      const rises = this.#options.reference.version === undefined && snapshot.configuration === undefined
      return seen.sequence !== this.#wrote && !(rises && snapshot.revision > seen.revision)
    }
    return seen.writtenAt > snapshot.readAt && seen.writtenAt <= this.#options.clock.now()
  }

  /** Why a copy is not of what is asked for, or cannot be trusted any more. */
  #objectionTo(header: SealedHeader): string | undefined {
    const { reference, plane, settings, clock } = this.#options
    const asked = shortName({ organisation: '', ...reference })
    const foreign = reference.organisation !== undefined && header.organisation !== reference.organisation
    if (header.kind !== 'copy' || header.url !== plane.url || header.environment !== asked || foreign) {
      return 'it is a copy of something else'
    }
    const age = clock.now() - header.writtenAt
    if (age > settings.maxAgeMs) return `it is ${inHours(age)} old, and ${inHours(settings.maxAgeMs)} is the most`
    return age < -FUTURE_ALLOWED_MS ? 'it was written in the future, going by the clock of this machine' : undefined
  }

  async #rolledBack(header: SealedHeader): Promise<string | undefined> {
    const memory = await readSealedFile(this.#memory, this.#key)
    if ('refused' in memory) return `what is remembered of it cannot be used: ${memory.refused}`
    if (!memory.found) return 'nothing is remembered of it, so it may be an older one put back'
    const { kind, url, environment, organisation, sequence } = memory.file.header
    const same = kind === 'memory' && url === header.url && environment === header.environment && organisation === header.organisation
    if (!same) return 'what is remembered is of something else'
    return header.sequence < sequence ? 'a newer one was written before, so it is an older one put back' : undefined
  }

  #headerOf(kind: SealedHeader['kind'], { organisation = '', revision, readAt }: Snapshot, sequence: number): SealedHeader {
    const { reference, plane } = this.#options
    const environment = shortName({ organisation: '', ...reference })
    return { format: 1, kind, url: plane.url, organisation, environment, revision, writtenAt: readAt, sequence }
  }

  #snapshotOf(header: SealedHeader, { closure, values, secrets, variables, files }: CopyContent): Snapshot {
    const { reference } = this.#options
    return {
      source: 'fallback',
      environment: `${reference.project}/${reference.environment}`,
      organisation: header.organisation,
      revision: header.revision,
      closure,
      values: freezeDeep(values),
      secrets,
      variables: new Map(variables),
      ...(files ? { files: new Map(files) } : {}),
      readAt: header.writtenAt,
    }
  }

  /**
   * Removes what nobody may use any more: copies of tokens that were replaced, of environments no longer read. What is
   * remembered of a copy goes at the same age, since the copy itself is refused by then.
   */
  async #tidy(): Promise<void> {
    if (this.#tidied) return
    this.#tidied = true
    const { folder, memory } = this.#options.settings
    await this.#removeOld(folder, /^[0-9a-f]{32}\.sealed$/)
    await this.#removeOld(memory, /^[0-9a-f]{32}\.memory$/)
  }

  async #removeOld(folder: string, ours: RegExp): Promise<void> {
    const { settings, clock } = this.#options
    for (const name of await readdir(folder)) {
      const file = join(folder, name)
      if (!ours.test(name) || file === this.#copy || file === this.#memory) continue
      // Another process that tidies too may have been quicker.
      const written = await stat(file).then(
        ({ mtimeMs }) => mtimeMs,
        () => Number.POSITIVE_INFINITY,
      )
      if (clock.now() - written > settings.maxAgeMs) await rm(file, { force: true })
    }
  }
}

function inHours(milliseconds: number): string {
  return milliseconds < 3_600_000 ? `${Math.round(milliseconds / 60_000)} min` : `${Math.round(milliseconds / 3_600_000)} h`
}
