import { join } from 'node:path'
import type { Answer } from '@headgate/contract'
import type { CommandContext } from '../command.ts'
import type { ExitCode } from '../exit-code.ts'
import { printable } from '../output/printable.ts'
import { need } from '../outcome.ts'
import type { Connection } from '../plane/connection.ts'
import { type Application, readApplication } from '../release/application-folder.ts'
import { listArtifact, uploadArtifact } from '../release/artifact-files.ts'
import { buildService } from '../release/build-service.ts'
import { followDeployment } from '../release/follow-deployment.ts'
import { showPlannedSteps } from '../release/show-planned-steps.ts'
import { showRelease } from '../release/show-release.ts'
import { type Target, targetOf } from '../release/target.ts'

type Release = Answer<'createRelease'>

/** Builds, uploads, freezes a release, and brings it live while showing how. */
export async function run(context: CommandContext): Promise<ExitCode | void> {
  const { invocation } = context
  const application = await readApplication(context)
  const connection = await context.connect()
  const target = await targetOf(context, connection, application)
  const artifacts = await bringArtifacts(context, connection, application)
  const release = await freeze(context, connection, application, target, artifacts)
  if (invocation.flag('dry-run')) return showPlannedSteps(context, connection, target, release)
  const deployment = need(await connection.client.call('createDeployment', { params: target, body: { release: release.id } }))
  return followDeployment(context, connection, target, deployment.id)
}

/** The artifact of every service, built and uploaded. */
async function bringArtifacts(
  { world, output, invocation }: CommandContext,
  connection: Connection,
  { file, folder }: Application,
): Promise<Record<string, string>> {
  const artifacts: Record<string, string> = {}
  for (const [name, service] of Object.entries(file.services)) {
    if (service.build !== undefined && !invocation.flag('skip-build')) {
      output.note(`building ${name}: ${printable(service.build)}`)
      await buildService(world, name, service.build, folder)
    }
    const progress = output.progress(`listing ${name}`)
    try {
      const listed = await listArtifact(join(folder, service.artifact), name)
      artifacts[name] = await uploadArtifact(connection, listed, (sent, of) => progress.update(`uploading ${name}: ${sent} of ${of} files`))
    } finally {
      progress.done()
    }
  }
  return artifacts
}

async function freeze(
  { output, invocation }: CommandContext,
  { client }: Connection,
  { name, text, file }: Application,
  target: Target,
  artifacts: Record<string, string>,
): Promise<Release> {
  const version = invocation.option('version')
  const configuration = configurationOf(file.environments[target.environment]?.configuration, invocation.option('config-version'))
  const body = {
    file: { name, text },
    artifacts,
    ...(version === undefined ? {} : { version }),
    ...(configuration === undefined ? {} : { configuration }),
  }
  const release = need(await client.call('createRelease', { params: target, body }), { [name]: text })
  showRelease(output, target, release)
  if (version !== undefined && release.version !== version)
    output.note(`this was released before, with the same code and configuration; its label stays ${printable(release.version ?? '')}`)
  return release
}

/** `--config-version 42` takes the file's configuration at another revision or tag. */
function configurationOf(reference: string | undefined, version: string | undefined): string | undefined {
  return reference === undefined || version === undefined ? undefined : `${reference.split('@')[0]}@${version}`
}
