import type { z } from 'zod'
import type { RouteName } from '../routes.ts'
import { accessSchemas } from './access.ts'
import { auditSchemas } from './audit.ts'
import { draftSchemas } from './draft.ts'
import { environmentDetailSchemas } from './environment-details.ts'
import { environmentSchemas } from './environment.ts'
import { healthSchemas } from './health.ts'
import { identitySchemas } from './identity.ts'
import { keySchemas } from './keys.ts'
import { migrationSchemas } from './migration.ts'
import { releaseSchemas } from './release.ts'
import { scheduleSchemas } from './schedule.ts'
import { sessionSchemas } from './session.ts'
import type { problem } from './shapes.ts'
import { webhookSchemas } from './webhook.ts'

/** The shapes of one route: what comes in by path, query and body, and what goes out. */
export interface RouteSchemas {
  readonly params: z.ZodType
  readonly query: z.ZodType
  readonly body: z.ZodType
  readonly answer: z.ZodType
}

/** The shapes of every route, by its name. */
export const schemas = {
  ...sessionSchemas,
  ...healthSchemas,
  ...identitySchemas,
  ...environmentSchemas,
  ...environmentDetailSchemas,
  ...draftSchemas,
  ...webhookSchemas,
  ...scheduleSchemas,
  ...migrationSchemas,
  ...auditSchemas,
  ...accessSchemas,
  ...keySchemas,
  ...releaseSchemas,
} satisfies Record<RouteName, RouteSchemas>

type Schemas = typeof schemas
export type Params<K extends RouteName> = z.output<Schemas[K]['params']>
export type Query<K extends RouteName> = z.output<Schemas[K]['query']>
export type Body<K extends RouteName> = z.output<Schemas[K]['body']>
export type Answer<K extends RouteName> = z.output<Schemas[K]['answer']>
export type ProblemAnswer = z.output<typeof problem>

/** A request as a use case receives it: checked against the route's schemas. */
export interface Input<K extends RouteName> {
  readonly params: Params<K>
  readonly query: Query<K>
  readonly body: Body<K>
}
export * from './shapes.ts'
export type { DeploymentEvent, LogLine } from './release.ts'
