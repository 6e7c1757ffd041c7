/** `headgate.yaml`: its types, its reader with places and hints, its JSON schema, and an example of it. */
export { domainsOf } from './application-file/domains.ts'
export { type ExampleOptions, exampleApplicationFile } from './application-file/example.ts'
export { type PlainNode, type ReadApplicationFile, readApplicationFile } from './application-file/read.ts'
export { applicationFileSchema } from './application-file/schema.ts'
export type { ApplicationEnvironment, ApplicationFile, ApplicationService } from './application-file/types.ts'
