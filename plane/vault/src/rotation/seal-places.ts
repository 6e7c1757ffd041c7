import type { SealContext } from '@headgate/crypto'
import type { Row } from '@headgate/model'
import { type TableName, type Tables, tables } from '@headgate/store'

/** Every table with a sealed column. A table that gets one does not compile until it says where its seals belong. */
type SealedTable = { [T in TableName]: Tables[T] extends { readonly sealed: Uint8Array } ? T : never }[TableName]

/** A place without its organisation, which is the one of the key that sealed it. */
type PlaceInOrganisation = Omit<SealContext, 'organisation'>

/** Where the value in the `sealed` column of a row belongs, for whoever renews its seal. */
const places: { readonly [T in SealedTable]: (row: Tables[T]) => PlaceInOrganisation } = {
  records: ({ environment, id }) => ({ environment, type: 'secret', id }),
  revisions: ({ environment, number }) => ({ environment, type: 'text', id: String(number) }),
  audit: ({ change }) => ({ environment: '', type: 'audit', id: String(change) }),
  migrations: ({ id }) => document('migration', id),
  drafts: ({ id, version }) => document('draft', `${id}@${version}`),
  open_sessions: ({ id }) => document('open-session', id),
  webhooks: ({ environment, name }) => document('webhook', `${environment}/${name}`),
  identity_keys: ({ id }) => document('identity-key', id),
  webhook_deliveries: ({ id }) => document('webhook-delivery', id),
}

/** The place of a row's sealed column; undefined for a table that has none. */
export function sealPlaceOf(table: string, row: Row): PlaceInOrganisation | undefined {
  const placeOf = places[table as SealedTable] as unknown as ((row: Row) => PlaceInOrganisation) | undefined
  return placeOf?.(row)
}

/** The tables of which every row holds a sealed value. */
export function sealedTables(): TableName[] {
  return Object.keys(places).filter((table) => table in tables) as TableName[]
}

function document(kind: string, id: string): PlaceInOrganisation {
  return { environment: '', type: `document:${kind}`, id }
}
