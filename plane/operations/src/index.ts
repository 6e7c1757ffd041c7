/**
 * The use cases of the plane, one folder per noun, without HTTP: each takes what a caller asks for and returns the
 * answer together with the Change it wants committed. Nothing here knows a request or a socket.
 */
export { FIRST_ORGANISATION, FIRST_USER, firstStart, makeOrganisation, mintFirstToken, replaceOwnerToken } from './access/first-start.ts'
export { type PlaneIdentity, createIdentity } from './identity/plane-identity.ts'
export { type Background, startBackground } from './background/background.ts'
export { type Operations, createOperations } from './operations.ts'
export type { Caller, Plane, RequestOrigin, RunningPlane } from './plane.ts'
export type { Statistics } from './health/statistics.ts'
export { Rendered } from './kept/rendered.ts'
export type { BetweenNodes, Keeper } from './nodes/between-nodes.ts'
export { type NodeAddress, isLoopbackAddress, nodeAddress } from './nodes/node-address.ts'
export { NodeSilent, NodeUnreachable, PROOF_PATH } from './nodes/node-connection.ts'
export { FILE_PATH, HOP_HEADER, MANIFEST_PATH, type Nodes, createNodes } from './nodes/nodes.ts'
export { type NamedProviders, languageProviders } from './providers/language-providers.ts'
export { createConfigurationSource } from './releases/configuration-source.ts'
export { reconfigureOnChange } from './releases/reconfigure.ts'
export { type Outbound, createOutbound } from './webhooks/outbound.ts'
export type { Follower } from './watch/value-deliveries.ts'
export { type Watching, createWatching } from './watch/watching.ts'
