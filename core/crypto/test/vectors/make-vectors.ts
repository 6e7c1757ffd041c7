/**
 * Writes testdata/vectors where a file is missing. What is written is never edited: a stored format that changed gets
 * a new version and a new file, and the old file stays.
 *
 *   node --conditions=source core/crypto/test/vectors/make-vectors.ts
 */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { groupedSealVectors } from './make-grouped.ts'
import { checkpointVectors, leafVectors, proofVectors, revisionVectors } from './make-log.ts'
import { handleVectors, rowVectors, sealVectors, tokenVectors } from './make-sealed.ts'

const folder = join(import.meta.dirname, '../../testdata/vectors')
const files = {
  'seal-1': sealVectors,
  'seal-4': groupedSealVectors,
  'handle-1': handleVectors,
  'token-1': tokenVectors,
  'row-mac-1': rowVectors,
  'checkpoint-1': checkpointVectors,
  'merkle-proof': proofVectors,
  'revision-1': revisionVectors,
  'leaf-1': leafVectors,
}

for (const [name, make] of Object.entries(files)) {
  const file = join(folder, `${name}.json`)
  if (existsSync(file)) continue
  writeFileSync(file, `${JSON.stringify(make(), null, 1)}\n`)
  console.log(`wrote ${name}.json`)
}
