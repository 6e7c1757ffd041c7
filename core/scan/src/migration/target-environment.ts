import { nameProblem } from '@headgate/model'

/** Which environment a file becomes, or why it becomes none. */
export type Target =
  | { readonly kind: 'environment'; readonly environment: string; readonly rank: number }
  | { readonly kind: 'left-out'; readonly reason: string }
  | { readonly kind: 'invalid'; readonly environment: string; readonly reason: string }

export interface TargetOptions {
  readonly environment?: string
  readonly environments?: Readonly<Record<string, string | null>>
  readonly base?: string
  /** The file is the only one there is. */
  readonly alone: boolean
}

/** The short names in use for an environment, by what it is called here. */
const ALIASES: Readonly<Record<string, string>> = {
  dev: 'dev',
  develop: 'dev',
  development: 'dev',
  prod: 'production',
  production: 'production',
  live: 'production',
  stage: 'staging',
  staging: 'staging',
  stg: 'staging',
  testing: 'test',
  test: 'test',
}

const TEMPLATES = new Set(['example', 'sample', 'template', 'tpl', 'dist', 'default', 'defaults', 'schema', 'dummy'])

const DEFAULT_ENVIRONMENT = 'dev'

/** Of files that become one environment, those of a higher rank win: what is more specific, then what was named by hand. */
const RANK = { general: 0, named: 1, local: 2, chosen: 3 }

/**
 * Where a file goes.
 *
 * `.env`, `.env.dev` and `.env.development` become dev, `.env.prod(uction)` production, `.env.stag(e|ing)` staging, any
 * other `.env.NAME` (or `NAME.env`) NAME. Templates and the local overrides of one machine are left out unless they are
 * the only file or named by hand: they are not what any environment runs with. Key files of dotenvx are always left out.
 */
export function targetOf(file: string, options: TargetOptions): Target {
  const name = baseName(file)
  const chosen = options.environments?.[file] ?? options.environments?.[name]
  if (chosen !== undefined && chosen !== null) return environment(chosen, RANK.chosen)
  if (isNamed(options.environments, file, name)) return { kind: 'left-out', reason: 'you asked for that' }
  if (options.environment !== undefined && options.alone) return environment(options.environment, RANK.chosen)
  return targetByName(name, options)
}

function targetByName(name: string, options: TargetOptions): Target {
  const words = nameWords(name)
  const local = words.includes('local')
  const template = words.some((word) => TEMPLATES.has(word.toLowerCase()))
  const rest = words.filter((word) => word !== 'local' && !TEMPLATES.has(word.toLowerCase()))
  if (/^(keys|vault)$/.test(words.at(-1) ?? '')) return { kind: 'left-out', reason: 'it holds what dotenvx encrypts with, not settings' }
  if (template && !options.alone) return { kind: 'left-out', reason: 'it is a template, which no program runs with' }
  if (local && !options.alone) return { kind: 'left-out', reason: "it holds one machine's own settings" }
  if (rest.length === 0) return environment(template || local ? DEFAULT_ENVIRONMENT : (options.base ?? DEFAULT_ENVIRONMENT), RANK.general)
  const given = rest.join('-')
  return environment(ALIASES[given.toLowerCase()] ?? given, local ? RANK.local : RANK.named)
}

function environment(name: string, rank: number): Target {
  const problem = nameProblem(name)
  return problem ? { kind: 'invalid', environment: name, reason: problem } : { kind: 'environment', environment: name, rank }
}

function isNamed(environments: TargetOptions['environments'], file: string, name: string): boolean {
  return environments !== undefined && (Object.hasOwn(environments, file) || Object.hasOwn(environments, name))
}

/** What the name says beside `env`: `.env.production.local` is production and local, `staging.env` staging. */
function nameWords(name: string): string[] {
  return name.split('.').filter((word) => word !== '' && word !== 'env' && word !== 'envrc')
}

function baseName(file: string): string {
  return file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1)
}

/** Whether an environment is one where a placeholder does harm. */
export function isProduction(environmentName: string): boolean {
  return ALIASES[environmentName.toLowerCase()] === 'production' || /(^|[-_.])prod(uction)?($|[-_.])/i.test(environmentName)
}
