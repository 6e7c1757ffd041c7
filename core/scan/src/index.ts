/**
 * Finds secrets and placeholders in text, reads and writes `.env`, and plans how `.env` files become environments.
 *
 * Everything here is pure: text in, values out, no disk, no Node. It runs nothing, expands nothing, and takes time in
 * proportion to the length of what it is given, because what it is given may be hostile.
 */
export * from './dotenv/dotenv-file.ts'
export { type ReadDotenvOptions, readDotenv } from './dotenv/read-dotenv.ts'
export { isPortableName } from './dotenv/diagnose.ts'
export * from './classify/classification.ts'
export { classify } from './classify/classify.ts'
export { classifyFile } from './classify/classify-file.ts'
export * from './classify/scan-text.ts'
export * from './migration/migration-plan.ts'
export { planMigration } from './migration/plan-migration.ts'
export { plannedValues } from './migration/planned-values.ts'
export * from './migration/can-apply.ts'
export * from './migration/compare-migration.ts'
export * from './migration/plan-json.ts'
export * from './migration/render-plan.ts'
export { maskSecret, previewPlain, printable } from './migration/mask.ts'
export * from './dialects/dialect.ts'
export * from './dialects/read-as.ts'
export { type DotenvEntry, type DotenvPart, type WriteDotenvOptions, type WrittenDotenv, writeDotenv } from './dotenv/write-dotenv.ts'
