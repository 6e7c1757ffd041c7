import { type Result, ok, refuse } from './result.ts'

/** Where an environment is: the project it belongs to inside its organisation, and its name. */
export interface EnvironmentName {
  readonly organisation: string
  readonly project: string
  readonly environment: string
}

/** An environment, and which of its revisions: a number, a tag, or (absent) the newest. */
export interface EnvironmentReference extends EnvironmentName {
  readonly version?: number | string
}

/** What a reference leaves out is taken from here: the caller's organisation, and the project `default`. */
export interface ReferenceDefaults {
  readonly organisation: string
  readonly project?: string
}

export const DEFAULT_PROJECT = 'default'
export const LATEST_TAG = 'latest'
const NAME = /^[A-Za-z0-9_.-]{1,100}$/
const TAG = /^[A-Za-z_.-][A-Za-z0-9_.-]{0,127}$/
const REVISION = /^[1-9][0-9]{0,14}$/

/** Reads `[organisation/][project/]environment[@revision-or-tag]`. */
export function parseEnvironmentReference(text: string, defaults: ReferenceDefaults): Result<EnvironmentReference> {
  const wrong = (reason: string) => refuse('REFERENCE_INVALID', { reference: text, reason })
  const [name = '', version, ...rest] = text.split('@')
  if (rest.length > 0) return wrong('it has more than one @')
  const parts = name.split('/')
  if (parts.length > 3) return wrong('it has more than three parts')
  const environment = parts.pop() ?? ''
  const project = parts.pop() ?? defaults.project ?? DEFAULT_PROJECT
  const organisation = parts.pop() ?? defaults.organisation
  for (const part of [organisation, project, environment]) {
    const problem = nameProblem(part)
    if (problem) return wrong(problem)
  }
  const parsed = { organisation, project, environment }
  if (version === undefined) return ok(parsed)
  if (REVISION.test(version)) return ok({ ...parsed, version: Number(version) })
  const problem = tagProblem(version)
  return problem ? wrong(`behind the @, ${problem}`) : ok({ ...parsed, version })
}

/** Why a text cannot be the name of an organisation, a project or an environment; undefined where it can. */
export function nameProblem(name: string): string | undefined {
  if (name === '') return 'a part of it is empty'
  if (name === '.' || name === '..') return `a part of it is ${name}`
  if (!NAME.test(name)) return 'its parts are made of at most 100 letters, digits, and the characters _ . -'
  return undefined
}

/** Why a text cannot be a tag; undefined where it can. */
export function tagProblem(tag: string): string | undefined {
  if (TAG.test(tag)) return undefined
  if (/^[0-9]/.test(tag)) return 'a tag does not start with a digit, and a revision is a whole number from 1'
  return 'a tag is made of at most 128 ASCII letters, digits, and the characters _ . -'
}

/** `organisation/project/environment`, the form that globs and audit records are written in. */
export function fullName(name: EnvironmentName): string {
  return `${name.organisation}/${name.project}/${name.environment}`
}

/** As people write it inside one organisation: `project/environment`, with the version where there is one. */
export function shortName(reference: EnvironmentReference): string {
  const name = `${reference.project}/${reference.environment}`
  return reference.version === undefined ? name : `${name}@${reference.version}`
}
