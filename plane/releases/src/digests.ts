import { createHash } from 'node:crypto'
import type { FrozenConfiguration, ReleaseContent, ReleaseId, ServiceTarget } from '@headgate/model'
import { idOf } from '@headgate/model'
import { type ArtifactManifest, codeText, configurationText, manifestText, releaseText } from '@headgate/rollout'

export function releaseIdOf(content: ReleaseContent): ReleaseId {
  return idOf<'release'>(digest(releaseText(content)))
}

/** What an instance is pinned to, and what it confirms to have loaded. */
export function configurationDigest(configuration: FrozenConfiguration): string {
  return digest(configurationText({ configuration }))
}

export function codeDigest(service: Pick<ServiceTarget, 'artifact' | 'run' | 'limits'>): string {
  return digest(codeText(service))
}

export function artifactDigest(manifest: ArtifactManifest): string {
  return digest(manifestText(manifest))
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
