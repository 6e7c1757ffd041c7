import type { ReleaseContent, ServiceTarget } from '@headgate/model'

/**
 * The text whose SHA-256 is a release's id: artifact digests, the exact revision of every environment in the import
 * closure, and the target specification. The first line names the version of this form; a new form is a new line.
 *
 * Names an environment had at the time are left out, since a rename changes nothing that runs. So are labels, author
 * and time: the same content is the same release, whoever made it and whenever.
 */
export function releaseText(content: ReleaseContent): string {
  const revisions = content.configuration.revisions.map(({ environmentId, revision, hash }) => ({ environmentId, revision, hash }))
  return `headgate release 1\n${canonicalJson({
    target: content.target,
    services: content.services,
    revisions,
    strategy: content.strategy,
    thresholds: content.thresholds,
  })}`
}

/** The text whose SHA-256 says what configuration an instance is pinned to. */
export function configurationText(content: Pick<ReleaseContent, 'configuration'>): string {
  const revisions = content.configuration.revisions.map(({ environmentId, revision, hash }) => ({ environmentId, revision, hash }))
  return `headgate configuration 1\n${canonicalJson(revisions)}`
}

/**
 * The text whose SHA-256 says what a service executes. Only what makes a running instance another one is in it: how
 * often it is probed or how long it drains can change around it.
 */
export function codeText({ artifact, run, limits }: Pick<ServiceTarget, 'artifact' | 'run' | 'limits'>): string {
  return `headgate code 1\n${canonicalJson({ artifact, run, limits })}`
}

/** JSON with the keys of every object in the order of their code units, and without what is undefined. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (inner === null || typeof inner !== 'object' || Array.isArray(inner)) return inner
    return Object.fromEntries(Object.entries(inner).toSorted(([one], [other]) => (one < other ? -1 : 1)))
  })
}
