import { z } from 'zod'
import { diagnostic, environmentParams, noBody, noParams, noQuery, pinned, time } from './shapes.ts'

const versionQuery = z.object({ version: z.string().optional() })
const tag = z.object({ name: z.string(), revision: z.number().int() })
const retracted = z.object({ replacement: z.number().int(), reason: z.string(), author: z.string(), at: time })
const revision = z.object({
  revision: z.number().int(),
  hash: z.string(),
  author: z.string(),
  created: time,
  tags: z.array(z.string()),
  /** Set where another revision is opened in its place. */
  retracted: retracted.optional(),
})
const saved = z.object({
  environment: z.string(),
  revision: z.number().int(),
  hash: z.string(),
  /** What the text warns of; one with errors is not saved. */
  diagnostics: z.array(diagnostic),
})
const json: z.ZodType = z.lazy(() => z.union([z.null(), z.boolean(), z.number(), z.string(), z.array(json), z.record(z.string(), json)]))
const variable = z.object({ name: z.string(), value: z.string(), secret: z.boolean() })

const details = z.object({
  /** Whom the environment was handed to, or who made it. */
  owner: z.string(),
  deletionProtected: z.boolean(),
  labels: z.record(z.string(), z.string()),
  /** How many environments import it. */
  importers: z.number().int(),
})

export const environmentSchemas = {
  listEnvironments: {
    params: noParams,
    /** With `details`, also what costs more to find out. */
    query: z.object({ project: z.string().optional(), details: z.enum(['true', 'false']).optional() }),
    body: noBody,
    answer: z.object({
      environments: z.array(
        z.object({
          id: z.string(),
          organisation: z.string(),
          project: z.string(),
          environment: z.string(),
          revision: z.number().int(),
          created: time,
          changed: time,
          details: details.optional(),
        }),
      ),
    }),
  },
  createEnvironment: { params: environmentParams, query: noQuery, body: z.object({ text: z.string().optional() }), answer: saved },
  readEnvironment: {
    params: environmentParams,
    query: versionQuery,
    body: noBody,
    answer: revision.extend({ environment: z.string(), text: z.string(), allTags: z.array(tag) }),
  },
  saveEnvironment: {
    params: environmentParams,
    query: noQuery,
    /** `expected` is the revision the change was made on; another head is a conflict. */
    body: z.object({ text: z.string(), expected: z.number().int().min(0) }),
    answer: saved,
  },
  deleteEnvironment: {
    params: environmentParams,
    query: z.object({ force: z.enum(['true', 'false']).optional() }),
    body: noBody,
    answer: z.object({ environment: z.string(), revision: z.number().int() }),
  },
  checkEnvironment: {
    params: environmentParams,
    query: noQuery,
    body: z.object({ text: z.string() }),
    answer: z.object({ diagnostics: z.array(diagnostic) }),
  },
  unsealEnvironment: {
    params: environmentParams,
    query: versionQuery,
    body: noBody,
    answer: z.object({ environment: z.string(), revision: z.number().int(), text: z.string() }),
  },
  openEnvironment: {
    params: environmentParams,
    query: versionQuery,
    body: noBody,
    answer: z.object({
      environment: z.string(),
      revision: z.number().int(),
      /** The revision of every environment whose values went in, this one first. */
      closure: z.array(pinned),
      values: z.record(z.string(), json),
      /** Paths of `values` that are secret, the topmost each. */
      secrets: z.array(z.string()),
      variables: z.array(variable),
      files: z.array(variable),
      /** For an instance of a release: the digest of the configuration it is pinned to, which it confirms once it has taken it over. */
      configuration: z.string().optional(),
      diagnostics: z.array(diagnostic),
    }),
  },
  listRevisions: {
    params: environmentParams,
    query: z.object({ before: z.coerce.number().int().optional(), limit: z.coerce.number().int().min(1).max(1000).optional() }),
    body: noBody,
    answer: z.object({ environment: z.string(), revisions: z.array(revision) }),
  },
  moveTag: {
    params: environmentParams.extend({ tag: z.string() }),
    query: noQuery,
    /** `expected`: the revision the tag names now, or null where it must not exist; left out, it is moved whatever it names. */
    body: z.object({ revision: z.number().int().min(1), expected: z.number().int().nullable().optional() }),
    answer: z.object({ environment: z.string(), tag: z.string(), revision: z.number().int() }),
  },
  deleteTag: {
    params: environmentParams.extend({ tag: z.string() }),
    query: noQuery,
    body: noBody,
    answer: z.object({ environment: z.string(), tag: z.string() }),
  },
}
