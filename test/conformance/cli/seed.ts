import { type Write, idOf } from '@headgate/model'
import type { Plane } from '@headgate/operations'
import { type EnvironmentRow, insert } from '@headgate/store'
import type { CliCase, SeededEnvironment } from './case-file.ts'

/** The draft that cases speak of. */
export const DRAFT_ID = 'EXAMPLE'

/** Puts what a case begins with into the planes: not through the protocol, because it is not checked or sealed. */
export async function seedCase(planes: ReadonlyMap<string, Plane>, { environments }: CliCase): Promise<void> {
  for (const environment of environments) {
    const plane = planes.get(environment.organisation)
    if (!plane) throw new Error(`no plane for the organisation ${environment.organisation}`)
    await seedEnvironment(plane, environment)
  }
}

async function seedEnvironment(plane: Plane, seed: SeededEnvironment): Promise<void> {
  const organisation = plane.organisation.id
  const author = (await plane.store.principals.list(organisation))[0]
  if (!author) throw new Error('the plane has nobody')
  const id = idOf<'environment'>(crypto.randomUUID())
  const by = { author: author.id, time: plane.now() }
  const fields = { id, organisation, project: seed.project, name: seed.name }
  if (!(await plane.store.projects.get(organisation, seed.project)))
    await write(plane, [insert('projects', { organisation, name: seed.project, created_at: plane.now() })])
  await write(plane, plane.vault.newEnvironment(fields, '', by).writes)
  const revisions = seed.draft ? [] : seed.revisions
  for (const { text } of revisions) {
    const row = (await plane.store.environments.get(id)) as EnvironmentRow
    await write(plane, plane.vault.newRevision(row, text, by).writes)
  }
  if (seed.draft) await write(plane, [draftWrite(plane, seed.revisions[0]?.text ?? '', id, author.id)])
  await write(plane, detailWrites(plane, seed, id, author.id))
}

function detailWrites(plane: Plane, seed: SeededEnvironment, environment: EnvironmentRow['id'], author: string): Write[] {
  const time = plane.now()
  const by = { author: idOf<'principal'>(author) }
  const tags = seed.revisions.flatMap(({ tags: names }, index) =>
    names.map((name) => insert('tags', { environment, name, revision: index + 2, ...by, moved_at: time })),
  )
  const retractions = seed.revisions.flatMap(({ retracted }, index) =>
    retracted ? [insert('retractions', { environment, revision: index + 2, ...retracted, ...by, retracted_at: time })] : [],
  )
  const labels = Object.entries(seed.labels).map(([name, value]) =>
    insert('labels', { environment, name, value, ...by, created_at: time, changed_at: time }),
  )
  const webhooks = seed.webhooks.map((hook) => {
    const content = {
      displayName: hook['display-name'],
      url: hook['payload-url'],
      format: hook.format,
      filters: hook.filters ?? [],
      groups: hook.groups ?? [],
    }
    const sealed = plane.vault.sealDocument(
      plane.organisation.id,
      'webhook',
      `${environment}/${hook.name}`,
      Buffer.from(JSON.stringify(content)),
    )
    const row = { environment, organisation: plane.organisation.id, name: hook.name, active: hook.active ? 1 : 0 }
    return insert('webhooks', { ...row, sealed, ...by, created_at: time, changed_at: time })
  })
  return [...tags, ...retractions, ...labels, ...webhooks]
}

function draftWrite(plane: Plane, text: string, environment: EnvironmentRow['id'], author: string): Write {
  const time = plane.now()
  return insert('drafts', {
    id: idOf<'draft'>(DRAFT_ID),
    organisation: plane.organisation.id,
    environment,
    kind: 'text',
    state: 'open',
    base: 1,
    version: 1,
    description: '',
    author: idOf<'principal'>(author),
    created_at: time,
    changed_at: time,
    sealed: plane.vault.sealDocument(plane.organisation.id, 'draft', `${DRAFT_ID}@1`, Buffer.from(text)),
  })
}

/** A case may change the draft without having made it: it is there for every environment, with the environment's text. */
export async function seedDraft(plane: Plane, project: string, name: string): Promise<void> {
  const environment = await plane.store.environments.find(plane.organisation.id, project, name)
  const head = environment && (await plane.store.revisions.get(environment.id, environment.head_revision))
  if (!head || (await plane.store.drafts.get(idOf<'draft'>(DRAFT_ID)))) return
  const text = plane.vault.openText({ organisation: environment.organisation, environment: environment.id }, head)
  await write(plane, [draftWrite(plane, text, environment.id, head.author)])
}

/** The next revision of an environment, whatever its text says. */
export async function seedRevision(plane: Plane, project: string, name: string, text: string) {
  const row = await plane.store.environments.find(plane.organisation.id, project, name)
  const author = (await plane.store.principals.list(plane.organisation.id))[0]
  if (!row || !author) throw new Error(`there is no ${project}/${name}`)
  const { revision, writes } = plane.vault.newRevision(row, text, { author: author.id, time: plane.now() })
  await write(plane, writes)
  return { environment: `${project}/${name}`, revision: revision.number, hash: Buffer.from(revision.hash).toString('hex'), diagnostics: [] }
}

async function write(plane: Plane, writes: readonly Write[]): Promise<void> {
  if (writes.length === 0) return
  const audit = {
    time: plane.now(),
    organisation: plane.organisation.id,
    actor: null,
    actorName: 'test',
    action: 'test.seed',
    resource: `organisation:${plane.organisation.name}`,
    outcome: 'ok' as const,
  }
  const done = await plane.changes.commit({ expect: [], writes, audit })
  if (!done.ok) throw new Error(done.problem.message)
}
