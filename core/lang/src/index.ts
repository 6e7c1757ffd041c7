/**
 * The environment language: a document's text to values, with diagnostics that have a place.
 *
 * - `load` parses a document; `check`, `open` and `rotate` evaluate one. They are pure but for the `Host`, three small
 *   interfaces through which imports, providers and sealed secrets are asked for, as many at once as the data allows.
 * - What comes out is an `Environment`, which holds plaintext and shows nothing of itself: `toPlain`, `toJson`, `toYaml`,
 *   `variables`, `files`, `toDotenv`, `toShell`, `valueAt`, `serialise` and `scrub` say what they give.
 * - `sealSecrets`, `unsealSecrets`, `setPath`, `removePath` and `applyPatches` edit a document's text and leave every
 *   other byte as it was.
 * - `readYaml` is the positioned YAML reader below all that, for other documents too.
 *
 * Nothing here touches a network, a disk or a clock, and nothing comes from Node: it runs in an editor.
 */
export type { Document, ImportDeclaration, Loaded } from './syntax/document.ts'
export { load } from './syntax/document.ts'
export { type Evaluated, type Rotated, check, open, rotate } from './evaluate.ts'
export type { Patch, Rotation } from './eval/run.ts'
export { Environment } from './environment.ts'
export * from './host.ts'
export { createTreeCache } from './tree-cache.ts'
export { type ExportedContent, ExportedValue, exportedValue } from './eval/exported-value.ts'
export { valuePath } from './eval/withhold.ts'
export { toPlain } from './export/plain.ts'
export { isVariableName, toDotenv, toJson, toShell, toYaml } from './export/formats.ts'
export { type Variable, files, variables } from './export/variables.ts'
export { secretPaths } from './export/secret-paths.ts'
export { unknownPaths } from './export/unknown-paths.ts'
export { valueAt } from './export/value-at.ts'
export { scrub, serialise } from './export/serialise.ts'
export { serialiseValue } from './export/serialise-exported.ts'
export { type ImportReference, importsOf } from './edit/imports.ts'
export { type Edited, type Sealed, listSealed, replaceSealed, sealSecrets, unsealSecrets } from './edit/secrets.ts'
export { type Found, getPath, removePath, setPath } from './edit/paths.ts'
export { applyPatches } from './edit/patches.ts'
export { type RotatorCall, carryStates, changedStates, listRotators } from './edit/rotators.ts'
export type { Content } from './edit/write-content.ts'
export { type ReadYaml, readYaml } from './yaml/read-yaml.ts'
export type { NodeKind, YamlNode } from './yaml/node.ts'
export { type PathPart, joinKey, joinPath, parsePath } from './yaml/document-path.ts'
export { type Json, toJsonValue, writeJson, writePrettyJson } from './text/json.ts'
export { JsonFault, parseJson } from './text/parse-json.ts'
export { NumberText } from './text/number-text.ts'
export { unwrapEnvelope, wrapEnvelope } from './text/envelope.ts'
export { writeYaml } from './text/write-yaml.ts'
export { sortForDisplay } from './eval/run.ts'
export { quote } from './text/quote.ts'
