/**
 * A program's configuration at run time: read by path from memory, kept current over a socket, and there even when
 * the plane is not.
 *
 * `Headgate.connect` opens the environment; `get` and its typed companions read; `onChange` tells of changes. What
 * only asks the plane (and runs in a browser) is `./http`; the file of `headgate login` is `./credentials`.
 */
import { connect } from './connect.ts'

export const Headgate = { connect }

export type { Change, Reload } from './changes.ts'
export { Configuration, type ConfigurationStats, type RefreshOutcome } from './configuration.ts'
export type { FallbackMode, FallbackSettings } from './fallback-settings.ts'
export { ConfigurationError } from './errors.ts'
export type { Notice, NoticeCode, Report } from './report.ts'
export type { Schema } from './schema.ts'
export type { ConnectOptions } from './settings.ts'
export type { Json, JsonObject, Pinned, Source } from './snapshot.ts'
export type { Clock, Surroundings } from './surroundings.ts'
export { Secret } from '@headgate/model'
