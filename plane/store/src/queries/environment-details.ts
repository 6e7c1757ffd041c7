import type { EnvironmentId } from '@headgate/model'
import type { Reader } from './reader.ts'

export function environmentSettingQueries({ read, checkOne }: Reader) {
  return {
    /** Undefined where an environment has the defaults. */
    get: async (environment: EnvironmentId) =>
      checkOne(
        'environment_settings',
        await read.selectFrom('environment_settings').selectAll().where('environment', '=', environment).executeTakeFirst(),
      ),
  }
}

export function labelQueries({ read, check, checkOne }: Reader) {
  const of = (environment: EnvironmentId) => read.selectFrom('labels').selectAll().where('environment', '=', environment)
  return {
    get: async (environment: EnvironmentId, name: string) =>
      checkOne('labels', await of(environment).where('name', '=', name).executeTakeFirst()),
    list: async (environment: EnvironmentId) => check('labels', await of(environment).orderBy('name').execute()),
  }
}

export function retractionQueries({ read, check, checkOne }: Reader) {
  const of = (environment: EnvironmentId) => read.selectFrom('retractions').selectAll().where('environment', '=', environment)
  return {
    get: async (environment: EnvironmentId, revision: number) =>
      checkOne('retractions', await of(environment).where('revision', '=', revision).executeTakeFirst()),
    list: async (environment: EnvironmentId) => check('retractions', await of(environment).orderBy('revision').execute()),
  }
}
