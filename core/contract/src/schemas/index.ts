import type { z } from 'zod'
import type { RouteName } from '../routes.ts'
import { auditSchemas } from './audit.ts'
import { environmentSchemas } from './environment.ts'
import { migrationSchemas } from './migration.ts'
import { releaseSchemas } from './release.ts'
import { sessionSchemas } from './session.ts'
import type { problem } from './shapes.ts'

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
  ...environmentSchemas,
  ...migrationSchemas,
  ...auditSchemas,
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
