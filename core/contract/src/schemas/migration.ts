import { z } from 'zod'
import { diagnostic, noBody, noParams, noQuery, time } from './shapes.ts'

const written = z.object({
  organisation: z.string(),
  project: z.string(),
  environment: z.string(),
  /** The head before the migration; 0 where the migration created the environment. */
  before: z.number().int(),
  /** The revision the migration wrote. */
  revision: z.number().int(),
})
const migration = z.object({
  migration: z.string(),
  created: time,
  author: z.string(),
  /** Names of the files it was planned from. */
  sources: z.array(z.string()),
  environments: z.array(written),
  state: z.enum(['applied', 'rolled-back']),
  rolledBack: time.optional(),
})

export const migrationSchemas = {
  applyMigration: {
    params: noParams,
    query: noQuery,
    body: z.object({
      sources: z.array(z.string()).max(100),
      environments: z
        .array(
          z.object({
            organisation: z.string(),
            project: z.string(),
            environment: z.string(),
            text: z.string(),
            /** The head it was planned on; 0 creates the environment. */
            expected: z.number().int().min(0),
          }),
        )
        .min(1)
        .max(50),
    }),
    answer: migration.extend({ diagnostics: z.array(diagnostic) }),
  },
  listMigrations: { params: noParams, query: noQuery, body: noBody, answer: z.object({ migrations: z.array(migration) }) },
  rollBackMigration: {
    params: z.object({ migration: z.string() }),
    query: noQuery,
    /** `force` rolls back although an environment was changed after the migration. */
    body: z.object({ force: z.boolean().optional() }),
    answer: migration,
  },
}
