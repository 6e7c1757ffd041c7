import { textMatches } from '@headgate/model/pattern'

/** Claim to the values it may have; every claim named must have one of its own. */
export type ClaimConditions = Readonly<Record<string, readonly string[]>>

/** Claims that say who somebody is; others only say what they are doing. */
const IDENTIFYING = ['sub', 'repository', 'repository_id', 'repository_owner', 'repository_owner_id', 'email', 'azp', 'client_id']

/** Whether the claims of an identity token fulfil all conditions. `*` stands for any run of characters. */
export function claimsFulfil(conditions: ClaimConditions, claims: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(conditions).every(([claim, wanted]) => {
    const values = Object.hasOwn(claims, claim) ? textsOf(claims[claim]) : []
    return values.some((value) => wanted.some((glob) => textMatches(glob, value)))
  })
}

function textsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap((each) => (Array.isArray(each) ? [] : textsOf(each)))
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? [String(value)] : []
}

/** Why conditions cannot be used; undefined where they can. An issuer has many users, so one must say who is meant. */
export function conditionsProblem(conditions: ClaimConditions): string | undefined {
  const empty = Object.entries(conditions).find(([claim, values]) => claim === '' || values.length === 0 || values.includes(''))
  if (empty) return `the claim ${empty[0]} has no value to be compared with`
  const identifies = IDENTIFYING.some((claim) => {
    const values = conditions[claim]
    return values !== undefined && values.every((value) => /^[^*]{3,}/.test(value))
  })
  return identifies
    ? undefined
    : `none of its conditions says who is meant: one on ${IDENTIFYING.join(', ')} that begins with three characters or more before any *`
}
