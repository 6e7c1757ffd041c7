import { ok } from '@headgate/model'
import type { UseCase } from '../plane.ts'

/** What a text may call: the names of sources and rotators with the shapes of what goes in and comes out. */
export const describeProviders: UseCase<'describeProviders'> = async ({ providers }) => {
  const names = { providers: providers?.providerNames ?? [], rotators: providers?.rotatorNames ?? [] }
  const sources = await Promise.all(names.providers.map(async (name) => ({ name, found: await providers?.provider(name) })))
  const rotators = await Promise.all(names.rotators.map(async (name) => ({ name, found: await providers?.rotator(name) })))
  return ok({
    answer: {
      providers: sources.flatMap(({ name, found }) => (found && 'schema' in found ? [{ name, ...found.schema() }] : [])),
      rotators: rotators.flatMap(({ name, found }) => (found && 'schema' in found ? [{ name, ...found.schema() }] : [])),
    },
  })
}
