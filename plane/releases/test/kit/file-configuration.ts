import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type FrozenConfiguration, Secret, idOf, ok, refuse } from '@headgate/model'
import { type ConfigurationSource, configurationDigest } from '../../src/index.ts'

/** Values of an environment, as a test writes them. `SECRET` is one. */
export type Values = Readonly<Record<string, string>>

/**
 * Configuration kept in files, so that a second process of a test sees the same: every `save` is a revision, and an
 * instance is given its values by file where it reloads.
 */
export class FileConfiguration implements ConfigurationSource {
  readonly #folder: string
  /** What was asked, in order; for tests that count. */
  readonly asked: string[] = []
  /** Makes these refuse. */
  readonly refusing = new Set<'check' | 'verify' | 'admit' | 'deliver'>()

  constructor(folder: string) {
    this.#folder = folder
    mkdirSync(folder, { recursive: true })
  }

  /** A new revision of an environment; its number. */
  save(environment: string, values: Values): number {
    const revisions = this.#revisions(environment)
    writeFileSync(this.#file(environment), JSON.stringify([...revisions, values]))
    return revisions.length + 1
  }

  freeze: ConfigurationSource['freeze'] = async ({ reference }) => {
    const [name = '', version] = reference.split('@')
    const revision = version === undefined ? this.#revisions(name).length : Number(version)
    if (revision === 0) return refuse('ENV_NOT_FOUND', { environment: name })
    const environmentId = idOf<'environment'>(`e-${name}`)
    const hash = Buffer.from(`${name}@${revision}`).toString('hex')
    return ok({ reference, revisions: [{ environment: `main/${name}`, environmentId, revision, hash }] })
  }

  check: ConfigurationSource['check'] = async () => {
    this.asked.push('check')
    return this.refusing.has('check') ? refuse('OPEN_FAILED', { environment: 'shop', count: 'one error' }) : ok({ notes: [] })
  }

  backUp: ConfigurationSource['backUp'] = async ({ key }) => {
    this.asked.push('back up')
    return ok({ id: key })
  }

  verify: ConfigurationSource['verify'] = async () => {
    this.asked.push('verify')
    return this.refusing.has('verify') ? refuse('OPEN_FAILED', { environment: 'shop', count: 'one error' }) : ok({ dynamic: [] })
  }

  admit: ConfigurationSource['admit'] = async ({ instance, frozen }) => {
    this.asked.push(`admit ${instance.id}`)
    if (this.refusing.has('admit')) return refuse('TOKEN_INVALID')
    const { SECRET, ...plain } = this.#variables(frozen)
    const given = { CONFIGURATION_FILE: this.#given(instance.id), CONFIRMATION_FILE: this.#confirmed(instance.id) }
    return ok({
      variables: { ...plain, ...given, ...(SECRET === undefined ? {} : { SECRET: new Secret(SECRET) }) },
      files: this.#files(frozen),
    })
  }

  files: ConfigurationSource['files'] = async ({ frozen }) => ok(this.#files(frozen))

  deliver: ConfigurationSource['deliver'] = async ({ instance, frozen }) => {
    this.asked.push(`deliver ${instance.id}`)
    if (this.refusing.has('deliver')) return refuse('TOKEN_INVALID')
    writeFileSync(this.#given(instance.id), JSON.stringify({ digest: configurationDigest(frozen), values: this.values(frozen) }))
    return ok(undefined)
  }

  delivered: ConfigurationSource['delivered'] = async ({ instance }) => {
    const place = this.#confirmed(instance.id)
    return existsSync(place) ? readFileSync(place, 'utf8') : undefined
  }

  dismiss: ConfigurationSource['dismiss'] = async ({ instance }) => {
    this.asked.push(`dismiss ${instance.id}`)
    rmSync(this.#given(instance.id), { force: true })
  }

  values({ revisions }: FrozenConfiguration): Values {
    const root = revisions[0]
    return this.#revisions(root?.environment.slice('main/'.length) ?? '')[(root?.revision ?? 0) - 1] ?? {}
  }

  /** Values whose name says so are files; all others are variables. */
  #files(frozen: FrozenConfiguration): Values {
    return Object.fromEntries(Object.entries(this.values(frozen)).filter(([name]) => name.endsWith('_FILE')))
  }

  #variables(frozen: FrozenConfiguration): Values {
    return Object.fromEntries(Object.entries(this.values(frozen)).filter(([name]) => !name.endsWith('_FILE')))
  }

  #revisions(environment: string): readonly Values[] {
    const file = this.#file(environment)
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Values[]) : []
  }

  #file(environment: string): string {
    return join(this.#folder, `${environment.replaceAll('/', '-')}.json`)
  }

  #given(instance: string): string {
    return join(this.#folder, `given-${instance}.json`)
  }

  #confirmed(instance: string): string {
    return join(this.#folder, `confirmed-${instance}`)
  }
}
