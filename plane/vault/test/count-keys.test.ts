import assert from 'node:assert/strict'
import { rowMacKeyId, sealKeyId } from '@headgate/crypto'
import { HeadgateError, type Row } from '@headgate/model'
import { countKeys, rotatedTables } from '../src/rotation/count-keys.ts'
import { sealPlaceOf } from '../src/rotation/seal-places.ts'
import { onEachDialect } from './on-each-dialect.ts'
import { addSecrets, addUnprotected } from './rotated-folder.ts'
import { by, openPlace, populate } from './sealed-folder.ts'

/** Which keys a row names, read without the code under test. */
function keysOf(table: string, row: Row): string[] {
  const place = sealPlaceOf(table, row)
  return [
    ...(place ? [sealKeyId(row['sealed'] as Uint8Array, place)] : []),
    rowMacKeyId(row['mac']) ?? '',
    table === 'key_records' ? String(row['root']) : '',
  ]
}

onEachDialect('the database counts what going through every row by itself counts, whichever keys are asked for', async (_, newPlace) => {
  const sealed = await openPlace(await newPlace(), { limits: { seals: 20, age: 1_000_000_000 }, now: () => by.time })
  const { database } = sealed
  await populate(sealed)
  await addUnprotected(sealed)
  // Enough for a second key, so that one table holds rows under either.
  for (let n = 0; n < 30; n += 1) await addSecrets(sealed, 1)
  const rows: { readonly table: string; readonly keys: readonly string[] }[] = []
  for (const table of rotatedTables('all'))
    for (const row of await database.write.all(`select * from "${table}"`)) rows.push({ table, keys: keysOf(table, row) })
  const root = sealed.vault.keyring.rootId()
  const ids = [...new Set(rows.flatMap(({ keys }) => keys))].filter((id) => id !== '')
  assert.ok(ids.length > 4, `${ids.length} keys`)
  for (const id of [...ids, 'no key at all']) {
    const isRoot = id === root
    const counted = await countKeys(
      database,
      'all',
      (key) => !isRoot && key === id,
      (key) => isRoot && key === id,
    )
    assert.equal(counted.underOld, rows.filter(({ keys }) => keys.includes(id)).length, id)
    assert.equal(counted.rows, rows.length)
    for (const [table, count] of Object.entries(counted.tables))
      assert.equal(count, rows.filter((row) => row.table === table).length, table)
  }
  assert.deepEqual(
    Object.keys(
      (
        await countKeys(
          database,
          'root',
          () => false,
          () => false,
        )
      ).tables,
    ),
    ['key_records'],
  )
  await sealed.close()
})

onEachDialect('rows that lie far from each other are all counted, and one whose seal names no key is named', async (_, newPlace) => {
  const sealed = await openPlace(await newPlace())
  const { database } = sealed
  await populate(sealed)
  const count = async () =>
    (
      await countKeys(
        database,
        'all',
        () => false,
        () => false,
      )
    ).tables['audit_segments'] ?? 0
  const before = await count()
  for (const end of [-5_000_000, 4_096, 8_192, 5_000_000])
    await database.write.run(
      `insert into "audit_segments" ("end", "first", "since", "until", "last_change", "root", "carried", "pruned_at", "change", "mac") ` +
        `select ${end}, "first", "since", "until", "last_change", "root", "carried", "pruned_at", "change", "mac" from "audit_segments" where "end" = 0`,
    )
  assert.equal(await count(), before + 4)
  const [record] = await database.write.all('select "id", "sealed" from "records" order by "id" limit 1')
  const damage = async (seal: Uint8Array) => {
    const { placeholder } = database.write
    await database.write.run(`update "records" set "sealed" = ${placeholder(1)} where "id" = ${placeholder(2)}`, [
      seal,
      record?.['id'] ?? null,
    ])
  }
  const seal = record?.['sealed'] as Uint8Array
  const named = (code: string) => (error: unknown) => {
    if (!(error instanceof HeadgateError)) throw error
    const { problem } = error as { problem: { code: string; details: Record<string, unknown> } }
    assert.deepEqual([problem.code, problem.details['id']], [code, record?.['id']])
    return true
  }
  await damage(seal.subarray(0, 40))
  await assert.rejects(count(), named('SEAL_TAMPERED'))
  await damage(Buffer.concat([Buffer.of(9), seal.subarray(1)]))
  await assert.rejects(count(), named('SEAL_UNKNOWN'))
  await damage(Buffer.alloc(0))
  await assert.rejects(count(), named('SEAL_TAMPERED'))
  await sealed.close()
})
