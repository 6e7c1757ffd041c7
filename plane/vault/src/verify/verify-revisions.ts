import { equalBytes } from '@headgate/crypto'
import { HeadgateError } from '@headgate/model'
import type { EnvironmentRow, RevisionRow, Snapshot } from '@headgate/store'
import type { Vault } from '../vault.ts'
import { type Findings, addUnopened } from './finding.ts'

/** Every revision's text against its hash, each hash against the next, and the last against its environment's head. */
export async function verifyRevisions(
  snapshot: Snapshot,
  vault: Vault,
  findings: Findings,
  pause: () => Promise<void> | undefined,
): Promise<number> {
  let revisions = 0
  for await (const row of snapshot.each('select * from "environments" order by "id"')) {
    const environment = row as unknown as EnvironmentRow
    let previous: Pick<RevisionRow, 'number' | 'hash'> | undefined
    for await (const each of snapshot.each('select * from "revisions" where "environment" = ? order by "number"', [environment.id])) {
      await pause()
      revisions += 1
      const revision = each as unknown as RevisionRow
      checkRevision(vault, environment, revision, previous, findings)
      previous = revision
    }
    const head = previous?.number ?? 0
    if (environment.head_revision !== head || !sameHash(environment.head_hash, previous?.hash ?? null))
      findings.add(broken(environment, head, `its newest revision is ${environment.head_revision}, and ${head} is the newest there is`))
  }
  return revisions
}

function checkRevision(
  vault: Vault,
  environment: EnvironmentRow,
  revision: RevisionRow,
  previous: Pick<RevisionRow, 'number' | 'hash'> | undefined,
  findings: Findings,
): void {
  const report = (reason: string) => findings.add(broken(environment, revision.number, reason))
  if (revision.number !== (previous?.number ?? 0) + 1) report(`revision ${(previous?.number ?? 0) + 1} is gone`)
  else if (!sameHash(revision.previous, previous?.hash ?? null)) report('it does not follow from the revision before')
  try {
    vault.openText({ organisation: environment.organisation, environment: environment.id }, revision)
  } catch (error) {
    if (error instanceof HeadgateError && error.code === 'SEAL_TAMPERED') report('its text is not what its hash says')
    else
      addUnopened(findings, error, {
        what: `${environment.project}/${environment.name}@${revision.number}`,
        table: 'revisions',
        key: `${environment.id}/${revision.number}`,
      })
  }
}

function broken(environment: EnvironmentRow, number: number, reason: string) {
  const name = `${environment.project}/${environment.name}`
  const key = `${environment.id}/${number}`
  return { code: 'REVISION_BROKEN', message: `${name}@${number}: ${reason}`, table: 'revisions', key } as const
}

function sameHash(left: Uint8Array | null, right: Uint8Array | null): boolean {
  return left === null || right === null ? left === right : equalBytes(left, right)
}
