import { z } from 'zod'
import { diagnostic, environmentParams, noBody, noParams, noQuery, time } from './shapes.ts'

const named = z.object({ environment: z.string() })
const label = z.object({ label: z.string(), value: z.string(), author: z.string(), created: time, changed: time })
const settings = z.object({ deletionProtected: z.boolean() })
const flag = z.enum(['true', 'false'])

/** An evaluated environment as the language writes it: expressions, values with their origins, schema, context. */
const evaluation = z.unknown()
/** Seconds. */
const lifetime = z.number().int().optional()
const opened = z.object({ session: z.string(), expires: time, diagnostics: z.array(diagnostic) })
const kept = z.object({ session: z.string(), expires: time, evaluation })
const pathQuery = z.object({ path: z.string().optional() })

export const environmentDetailSchemas = {
  assignOwner: {
    params: environmentParams,
    query: noQuery,
    /** A principal, by name. */
    body: z.object({ owner: z.string() }),
    answer: z.object({ environment: z.string(), owner: z.string() }),
  },
  cloneEnvironment: {
    params: environmentParams,
    query: noQuery,
    body: z.object({
      project: z.string().optional(),
      environment: z.string(),
      /** A revision or a tag; left out, the newest. */
      version: z.string().optional(),
      history: z.boolean().optional(),
      labels: z.boolean().optional(),
      tags: z.boolean().optional(),
    }),
    answer: z.object({ environment: z.string(), revision: z.number().int() }),
  },
  renameEnvironment: {
    params: environmentParams,
    query: z.object({ force: flag.optional() }),
    body: z.object({ project: z.string().optional(), environment: z.string() }),
    answer: z.object({ environment: z.string(), before: z.string() }),
  },
  listDeletedEnvironments: {
    params: noParams,
    query: noQuery,
    body: noBody,
    answer: z.object({
      environments: z.array(
        z.object({
          organisation: z.string(),
          project: z.string(),
          environment: z.string(),
          revision: z.number().int(),
          created: time,
          deleted: time,
          /** When it is removed for good. */
          purged: time,
        }),
      ),
    }),
  },
  restoreEnvironment: {
    params: environmentParams,
    query: noQuery,
    /** Which of several that had this name, by when it was deleted; left out, the last. */
    body: z.object({ deleted: time.optional() }),
    answer: z.object({ environment: z.string(), revision: z.number().int() }),
  },
  readSettings: { params: environmentParams, query: noQuery, body: noBody, answer: settings },
  changeSettings: { params: environmentParams, query: noQuery, body: settings.partial(), answer: settings },
  listTags: {
    params: environmentParams,
    query: noQuery,
    body: noBody,
    answer: z.object({ tags: z.array(z.object({ tag: z.string(), revision: z.number().int(), author: z.string(), moved: time })) }),
  },
  retractRevision: {
    params: environmentParams.extend({ version: z.string() }),
    query: noQuery,
    body: z.object({ replacement: z.number().int().min(1).optional(), reason: z.string().max(4096).optional() }),
    answer: z.object({ environment: z.string(), revision: z.number().int(), replacement: z.number().int() }),
  },
  listLabels: { params: environmentParams, query: noQuery, body: noBody, answer: z.object({ labels: z.array(label) }) },
  setLabel: {
    params: environmentParams.extend({ label: z.string() }),
    query: noQuery,
    /** `expected`: its value now, null where it must be new; left out, it is set whatever it is. `name` renames it. */
    body: z.object({ value: z.string(), expected: z.string().nullable().optional(), name: z.string().optional() }),
    answer: label,
  },
  deleteLabel: { params: environmentParams.extend({ label: z.string() }), query: noQuery, body: noBody, answer: named },
  listReferrers: {
    params: environmentParams,
    query: z.object({ all: flag.optional() }),
    body: noBody,
    answer: z.object({
      referrers: z.array(z.object({ version: z.string(), project: z.string(), environment: z.string(), revision: z.number().int() })),
    }),
  },
  checkText: {
    params: noParams,
    query: noQuery,
    body: z.object({ text: z.string(), showSecrets: z.boolean().optional() }),
    answer: z.object({ diagnostics: z.array(diagnostic), evaluation }),
  },
  createOpenSession: {
    params: environmentParams,
    query: noQuery,
    body: z.object({ lifetime, version: z.string().optional(), draft: z.string().optional() }),
    answer: opened,
  },
  readOpenSession: { params: environmentParams.extend({ session: z.string() }), query: pathQuery, body: noBody, answer: kept },
  createTextSession: {
    params: noParams,
    query: noQuery,
    /** `overrides` puts another environment where an import names one. */
    body: z.object({ text: z.string(), lifetime, overrides: z.record(z.string(), z.string()).optional() }),
    answer: opened,
  },
  readTextSession: { params: z.object({ session: z.string() }), query: pathQuery, body: noBody, answer: kept },
  describeProviders: {
    params: noParams,
    query: noQuery,
    body: noBody,
    answer: z.object({
      providers: z.array(z.object({ name: z.string(), inputs: z.unknown(), outputs: z.unknown() })),
      rotators: z.array(z.object({ name: z.string(), inputs: z.unknown(), state: z.unknown(), outputs: z.unknown() })),
    }),
  },
  sealValues: {
    params: environmentParams,
    query: noQuery,
    body: z.object({ plaintexts: z.array(z.string()).max(1000) }),
    answer: z.object({ ciphertexts: z.array(z.string()) }),
  },
  openValues: {
    params: environmentParams,
    query: noQuery,
    body: z.object({ ciphertexts: z.array(z.string()).max(1000) }),
    answer: z.object({ plaintexts: z.array(z.string()) }),
  },
}
