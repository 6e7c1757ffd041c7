import { type OrganisationId, ok } from '@headgate/model'
import type { UseCase } from '../plane.ts'

/** Where the root key is, how many data keys there are, and how far a rotation is. Never a key. */
export const readKeys: UseCase<'readKeys'> = async (plane) => {
  const { source, place, rootKey, dataKeys, rotation } = await plane.keys.show()
  const names = new Map<string, string>((await plane.store.organisations.list()).map(({ id, name }) => [id, name]))
  return ok({
    answer: {
      rootKey: { source, place, id: rootKey },
      dataKeys: dataKeys.map((key) => ({ ...key, organisation: names.get(key.organisation as OrganisationId) ?? key.organisation })),
      ...(rotation
        ? {
            rotation: {
              number: rotation.number,
              what: rotation.what,
              state: rotation.state,
              from: { source: rotation.fromSource, rootKey: rotation.fromRoot },
              to: { source: rotation.toSource, rootKey: rotation.toRoot },
              started: rotation.startedAt,
              startedBy: rotation.startedBy,
              ...(rotation.progress ? { progress: rotation.progress } : {}),
              ...(rotation.proof ? { proof: { ...rotation.proof, tables: { ...rotation.proof.tables } } } : {}),
              ...(rotation.problem ? { problem: said(rotation.problem) } : {}),
            },
          }
        : {}),
    },
  })
}

function said({ code, message, hint }: { readonly code: string; readonly message: string; readonly hint?: string }) {
  return { code, message, ...(hint === undefined ? {} : { hint }) }
}
