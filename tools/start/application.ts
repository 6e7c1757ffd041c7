import { copyFile, cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { parse, parseDocument } from 'yaml'
import { type Stage, repository } from './stage.ts'

const shopFolder = join(repository, 'examples', 'shop')
const SHIM = 'failing-shim.mjs'
/** What v3 is held to where a file says nothing of it. */
const ROLLBACK_ON = { error_rate: 0.05, window: '3s' }

/** A folder that is deployed from, and what its file says. */
export interface Application {
  readonly folder: string
  readonly file: ApplicationFile
  readonly environment: string
  /** `project/environment`, without a version. */
  readonly configuration: string
  /** Somebody's own, of which nothing is known but its file. */
  readonly given: boolean
}

/** As much of headgate.yaml as the journey needs; what it means is the command's business. */
interface ApplicationFile {
  readonly project: string
  readonly services: Readonly<Record<string, { readonly artifact?: string; readonly run: string; readonly reload?: string }>>
  readonly environments: Readonly<Record<string, { readonly configuration: string; readonly rollback_on?: object }>>
}

/** A copy of the application in the stage's folder, because its files change from release to release. */
export async function prepareApplication(stage: Stage, appFolder: string | undefined): Promise<Application> {
  const given = appFolder === undefined ? undefined : resolve(process.env['INIT_CWD'] ?? process.cwd(), appFolder)
  return stage.step(given ? `copy ${given}` : 'build the application', async () => {
    const folder = join(stage.folder, 'application')
    // Links stay as they are: one that leads to a place inside must lead to the copy of it.
    if (given) await cp(given, folder, { recursive: true, verbatimSymlinks: true, filter: (path) => basename(path) !== '.git' })
    else await buildShop(stage, folder)
    const file = await readFileOf(folder)
    const environments = Object.keys(file.environments ?? {})
    const environment = environments.includes('production') ? 'production' : environments.length === 1 ? environments[0] : undefined
    if (environment === undefined)
      throw new Error(`${given ?? folder}: which environment is meant? There is no production among: ${environments.join(', ') || 'none'}`)
    const configuration = (file.environments[environment]?.configuration ?? '').split('@')[0] ?? ''
    const services = Object.keys(file.services).join(', ')
    return {
      value: { folder, file, environment, configuration, given: given !== undefined },
      result: `services ${services}, for ${file.project}/${environment} with ${configuration}`,
    }
  })
}

/** The example as it is, but with shorter steps, so that nobody waits half a minute for each release. */
async function buildShop(stage: Stage, folder: string): Promise<void> {
  await mkdir(folder)
  const built = await stage.start(['node', join(shopFolder, 'build.mjs'), join(folder, 'dist')], { cwd: shopFolder }).ended()
  if (built.code !== 0) throw new Error(built.stderr)
  const text = await readFile(join(shopFolder, 'headgate.yaml'), 'utf8')
  const quick = text
    .replace(/^ {4}build:.*\n/m, '')
    .replace('step_duration: 5s', 'step_duration: 2s')
    .replace('window: 10s', 'window: 3s')
    .replace('requests: 30s, connections: 60s', 'requests: 5s, connections: 5s')
  await writeFile(join(folder, 'headgate.yaml'), quick)
}

async function readFileOf(folder: string): Promise<ApplicationFile> {
  const text = await readFile(join(folder, 'headgate.yaml'), 'utf8').catch(() => {
    throw new Error(`there is no headgate.yaml in the folder; headgate init writes one`)
  })
  return parse(text) as ApplicationFile
}

/** Another file in every service's artifact, so that the next release is other code as well. */
export async function changeCode({ folder, file }: Application, text: string): Promise<void> {
  for (const { artifact = '.' } of Object.values(file.services)) await writeFile(join(folder, artifact, 'journey.txt'), text)
}

/**
 * Puts a shim that answers users with 500 in front of every service, and limits that notice it into the file where it has none.
 *
 * @returns whether the file had none
 */
export async function breakApplication({ folder, file, environment }: Application): Promise<boolean> {
  const path = join(folder, 'headgate.yaml')
  const document = parseDocument(await readFile(path, 'utf8'))
  for (const [name, { artifact = '.', run }] of Object.entries(file.services)) {
    await copyFile(join(repository, 'tools', 'start', SHIM), join(folder, artifact, SHIM))
    document.setIn(['services', name, 'run'], `node ${SHIM} ${Buffer.from(run).toString('base64')}`)
  }
  const unlimited = file.environments[environment]?.rollback_on === undefined
  if (unlimited) document.setIn(['environments', environment, 'rollback_on'], document.createNode(ROLLBACK_ON))
  await writeFile(path, String(document))
  return unlimited
}
