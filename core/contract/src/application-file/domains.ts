import type { ApplicationFile } from './types.ts'

/**
 * The host name each service answers to in an environment: the first service of the file to the environment's domain,
 * every other one to its own name in front of it. An environment without a domain answers to
 * `ENVIRONMENT.PROJECT.localhost`, which every machine takes for itself.
 */
export function domainsOf(file: ApplicationFile, environment: string): Readonly<Record<string, string>> {
  const domain = file.environments[environment]?.domain ?? `${labelOf(environment)}.${labelOf(file.project)}.localhost`
  return Object.fromEntries(Object.keys(file.services).map((service, index) => [service, index === 0 ? domain : `${service}.${domain}`]))
}

/** A name as a label of a host name: what cannot stand there becomes `-`. */
function labelOf(name: string): string {
  const label = name.toLowerCase().replaceAll(/[^a-z0-9-]+/g, '-')
  return label.replaceAll(/^-+|-+$/g, '').slice(0, 63) || 'x'
}
