import { type Write, ok, refuse, shortName } from '@headgate/model'
import { type LabelRow, insert, remove, update } from '@headgate/store'
import type { UseCase } from '../plane.ts'
import { authorNames } from './author-names.ts'
import { findEnvironment } from './find-revision.ts'

const LABELS = 200
const LENGTH = 256

/** The labels of an environment by their names. */
export const listLabels: UseCase<'listLabels'> = async (plane, _caller, { params }) => {
  const environment = await findEnvironment(plane, params)
  if (!environment.ok) return environment
  const [rows, nameOf] = await Promise.all([plane.store.labels.list(environment.value.id), authorNames(plane)])
  return ok({ answer: { labels: rows.map((row) => shown(row, nameOf(row.author))) } })
}

/** Sets a label, and renames it where another name is given. With `expected`, only if it has that value now. */
export const setLabel: UseCase<'setLabel'> = async (plane, caller, { params, body }) => {
  const { label, ...name } = params
  const environment = await findEnvironment(plane, name)
  if (!environment.ok) return environment
  const problem = labelProblem(body.name ?? label, body.value)
  if (problem) return refuse('LABEL_INVALID', { label: body.name ?? label, reason: problem })
  const { id } = environment.value
  const rows = await plane.store.labels.list(id)
  const before = rows.find((row) => row.name === label)
  const conflict = (reason: string) => refuse('LABEL_CONFLICT', { environment: shortName(name), label: body.name ?? label, reason })
  if (body.expected === null && before) return conflict('it already exists')
  if (typeof body.expected === 'string' && before?.value !== body.expected) return conflict('it has another value now')
  const renamed = body.name !== undefined && body.name !== label
  if (renamed && !before) return refuse('LABEL_NOT_FOUND', { environment: shortName(name), label })
  if (renamed && rows.some((row) => row.name === body.name)) return conflict('it already exists')
  if (!before && rows.length >= LABELS) return refuse('LABEL_INVALID', { label, reason: `an environment has at most ${LABELS}` })
  const set = { value: body.value, author: caller.principal, changed_at: plane.now() }
  const row = { environment: id, name: body.name ?? label, created_at: before?.created_at ?? plane.now(), ...set }
  return ok({ answer: shown(row, caller.name), writes: writesOf(before, row), details: { label: row.name } })
}

/** Removes a label. */
export const deleteLabel: UseCase<'deleteLabel'> = async (plane, _caller, { params }) => {
  const { label, ...name } = params
  const environment = await findEnvironment(plane, name)
  if (!environment.ok) return environment
  const row = await plane.store.labels.get(environment.value.id, label)
  if (!row) return refuse('LABEL_NOT_FOUND', { environment: shortName(name), label })
  return ok({ answer: { environment: shortName(name) }, writes: [remove('labels', row)], details: { label } })
}

type Fields = Omit<LabelRow, 'change' | 'mac'>

/** The name is part of the key, so a renamed label is another row. */
function writesOf(before: LabelRow | undefined, row: Fields): Write[] {
  if (!before) return [insert('labels', row)]
  return before.name === row.name ? [update('labels', before, row)] : [remove('labels', before), insert('labels', row)]
}

function shown(row: Fields, author: string) {
  return { label: row.name, value: row.value, author, created: row.created_at, changed: row.changed_at }
}

function labelProblem(label: string, value: string): string | undefined {
  if (label === '' || value === '') return 'its name and its value are not empty'
  if (label.length > LENGTH || value.length > LENGTH) return `name and value have at most ${LENGTH} characters`
  return undefined
}
