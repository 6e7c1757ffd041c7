import { ok } from '@headgate/model'
import type { UseCase } from '../plane.ts'

/** Who the token belongs to. Its record in the audit log is the sign-in's. */
export const readSession: UseCase<'getSession'> = async (plane, caller) =>
  ok({
    answer: {
      organisation: plane.organisation.name,
      organisations: [plane.organisation.name],
      user: caller.name,
      kind: caller.kind,
      roles: caller.held.map(({ role }) => role.name),
      token: { name: caller.token.name, ...(caller.token.expires === undefined ? {} : { expires: caller.token.expires }) },
    },
  })
