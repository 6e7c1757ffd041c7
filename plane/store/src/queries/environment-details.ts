import type { EnvironmentId } from '@headgate/model'
import type { Reader } from './reader.ts'

export function environmentSettingQueries({ read, one, check }: Reader) {
  return {
    /** Of every environment that has any. */
    all: async () => check('environment_settings', await read.selectFrom('environment_settings').selectAll().execute()),
    /** Undefined where an environment has the defaults. */
    get: (environment: EnvironmentId) => one('environment_settings', { environment }),
  }
}

export function environmentOwnerQueries({ read, one, check }: Reader) {
  const all = () => read.selectFrom('environment_owners').selectAll()
  return {
    /** Undefined where whoever made the environment owns it. */
    get: (environment: EnvironmentId) => one('environment_owners', { environment }),
    all: async () => check('environment_owners', await all().execute()),
  }
}

export function labelQueries({ read, one, check }: Reader) {
  const of = (environment: EnvironmentId) => read.selectFrom('labels').selectAll().where('environment', '=', environment)
  return {
    get: (environment: EnvironmentId, name: string) => one('labels', { environment, name }),
    list: async (environment: EnvironmentId) => check('labels', await of(environment).orderBy('name').execute()),
    /** Of every environment. */
    all: async () => check('labels', await read.selectFrom('labels').selectAll().orderBy('name').execute()),
  }
}

export function retractionQueries({ read, one, check }: Reader) {
  const of = (environment: EnvironmentId) => read.selectFrom('retractions').selectAll().where('environment', '=', environment)
  return {
    get: (environment: EnvironmentId, revision: number) => one('retractions', { environment, revision }),
    list: async (environment: EnvironmentId) => check('retractions', await of(environment).orderBy('revision').execute()),
  }
}
