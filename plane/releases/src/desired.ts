import type { Release } from '@headgate/model'
import type { Desired } from '@headgate/rollout'
import { codeDigest, configurationDigest } from './digests.ts'

/** A release as the planner wants it; none where everything is to be stopped. */
export function desiredOf(release: Release | undefined, direction: Desired['direction']): Desired {
  if (release === undefined) return { direction }
  const { services, configuration, strategy, thresholds } = release.content
  return {
    direction,
    release: {
      id: release.id,
      configuration: configurationDigest(configuration),
      services: services.map((service) => ({
        name: service.name,
        artifact: service.artifact,
        code: codeDigest(service),
        replicas: service.replicas,
        reload: service.reload,
      })),
      strategy,
      ...(thresholds ? { thresholds } : {}),
    },
  }
}
