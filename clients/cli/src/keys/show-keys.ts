import type { Answer } from '@headgate/contract'
import type { Output } from '../output/output.ts'
import { printable } from '../output/printable.ts'
import { renderTable } from '../output/table.ts'
import { count, localTime } from '../output/time.ts'

export type Keys = Answer<'readKeys'>
export type Rotation = NonNullable<Keys['rotation']>

/** The keys of a plane for a person: no key among it. */
export function renderKeys(keys: Keys, output: Output): string {
  const { rootKey, dataKeys, rotation } = keys
  const table = renderTable(
    dataKeys,
    [
      { title: 'FOR', cell: ({ purpose }) => purposes[purpose] ?? printable(purpose) },
      { title: 'OF', cell: ({ organisation }) => (organisation === '' ? 'the installation' : printable(organisation)) },
      { title: 'IN USE', cell: ({ active }) => String(active), align: 'right' },
      { title: 'RETIRED', cell: ({ retired }) => String(retired), align: 'right' },
      { title: 'SINCE', cell: ({ since }) => localTime(since) },
    ],
    output.paint,
    output.width,
  )
  const head = [`root key  ${rootKey.id}, ${sourceWords[rootKey.source] ?? ''}${printable(rootKey.place)}`, '', table.trimEnd()]
  return `${[...head, ...(rotation ? ['', ...rotationLines(rotation, output)] : [])].join('\n')}\n`
}

const purposes: Readonly<Record<string, string>> = {
  seal: 'sealing',
  mac: 'MACs of rows',
  handle: 'handles',
  token: 'digests of tokens',
  log: 'signing the log',
}

const sourceWords: Readonly<Record<string, string>> = { file: 'in ', passphrase: 'behind ', environment: 'in ', kms: 'under ' }
const whatWords = { root: 'the root key', data: 'the data keys', all: 'all keys' }

/** How a rotation stands, and what can be done about it. */
export function rotationLines(rotation: Rotation, { paint }: Output): string[] {
  const { number, what, state, startedBy, started, progress, proof, problem } = rotation
  const lines = [
    `rotation ${number} of ${whatWords[what]}, begun by ${printable(startedBy)} on ${localTime(started)}: ${paint.bold(stateWords[state])}`,
  ]
  if (rotation.from.rootKey !== rotation.to.rootKey) lines.push(`  root key  ${placeOf(rotation.from)} → ${placeOf(rotation.to)}`)
  if (progress) lines.push(`  ${progressText(progress)}`)
  if (proof && state !== 'moving') lines.push(`  counted by reading: ${proofText(rotation)}`)
  if (problem) lines.push(`  ${paint.red(`stopped: ${problem.code}  ${printable(problem.message)}`)}`)
  if (state === 'moved')
    lines.push('  the old keys are still there: headgate secrets finish-keys takes them away, headgate secrets undo-keys goes back')
  return lines
}

const stateWords = {
  moving: 'moving',
  moved: 'moved, to be finished or undone',
  finishing: 'finishing',
  finished: 'finished',
  undoing: 'going back',
  undone: 'undone',
}

export function progressText({ seen, total, renewed, table }: NonNullable<Rotation['progress']>): string {
  return `${seen} of about ${count(total, 'row')} looked at, ${renewed} renewed, in ${table} now`
}

/** What the count said: how many rows were read, and how many of them were under a key that goes. */
export function proofText({ proof, state }: Rotation): string {
  if (!proof) return 'nothing yet'
  const gone = state === 'undoing' || state === 'undone' ? 'a new' : 'an old'
  return `${count(proof.rows, 'row')} read, ${proof.underOld} under ${gone} key`
}

function placeOf({ source, rootKey }: Rotation['from']): string {
  return `${source} ${rootKey}`
}
