/** Strings that look alike and must not be mixed up: each kind of id is a type of its own. */
declare const kind: unique symbol
export type Id<K extends string> = string & { readonly [kind]: K }

export type OrganisationId = Id<'organisation'>
export type EnvironmentId = Id<'environment'>
export type RecordId = Id<'record'>
export type PrincipalId = Id<'principal'>
export type RoleId = Id<'role'>
export type BindingId = Id<'binding'>
export type TokenId = Id<'token'>
export type TrustRuleId = Id<'trust-rule'>
export type AuditId = Id<'audit'>
export type MigrationId = Id<'migration'>
export type ReleaseId = Id<'release'>
export type DeploymentId = Id<'deployment'>
export type RunId = Id<'run'>
export type DraftId = Id<'draft'>
export type OpenSessionId = Id<'open-session'>
export type ScheduleId = Id<'schedule'>

/** An id as read from a place that is trusted to hold that kind: the database, or a route's checked parameter. */
export function idOf<K extends string>(text: string): Id<K> {
  return text as Id<K>
}
