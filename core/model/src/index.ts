/**
 * The floor of the house: the nouns of Headgate, their states and legal moves, and who may do what.
 *
 * Everything here is pure and runs anywhere. It imports nothing of ours, and of others only a regular-expression
 * engine that answers in linear time, because patterns come from users; what needs it stands behind the entries
 * `./access` and `./pattern`.
 */
export * from './audit.ts'
export * from './change.ts'
export * from './diagnostic.ts'
export * from './environment-reference.ts'
export * from './errors/index.ts'
export * from './errors/entry.ts'
export * from './ids.ts'
export * from './permission.ts'
export * from './release.ts'
export * from './result.ts'
export * from './secret.ts'
