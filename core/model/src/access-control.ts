/**
 * Who may do what. Kept behind an entry of its own because it brings the regular-expression engine, which a program
 * that only reads values has no use for.
 */
export * from './access.ts'
export * from './covered-rights.ts'
export * from './default-roles.ts'
export * from './explain-access.ts'
export * from './parse-resource.ts'
export * from './permission.ts'
export * from './role.ts'
