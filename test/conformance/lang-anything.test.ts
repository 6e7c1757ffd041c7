import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Seeded } from '../../tools/differential/seeded.ts'
import { BOMBS } from '../../tools/fuzz/bombs/lang.ts'
import { examine, examineOne } from '../../tools/fuzz/lang.ts'

const prove = process.env['HEADGATE_PROVE'] === '1'
const seed = Number(process.env['HEADGATE_SEED'] ?? 1)

test(`whatever document comes is evaluated, sealed and edited as promised (seed ${seed})`, async () => {
  for (let i = 0; i < (prove ? 5000 : 50); i++) {
    const random = new Seeded(seed * 7919 + i)
    await assert.doesNotReject(() => examineOne(random), `document ${i}: npm run fuzz -- lang tries more of them`)
  }
})

/** Some of the bombs, others in every run. */
const chosen = BOMBS.map((bomb, i) => [i + 1, bomb] as const).filter(([number]) => prove || number % 6 === seed % 6)

for (const [number, bomb] of chosen)
  test(`document ${number} of those made to take all time or memory is answered`, () => examine(bomb(), new Seeded(seed)))
