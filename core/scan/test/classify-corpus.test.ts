import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Classification, classifyFile, readDotenv } from '@headgate/scan'
import { leaveOut } from '../../../test/left-out.ts'
import { sharedFolder } from '../../../test/shared-folder.ts'

/** Below these the rules have got worse; they are close to what was reached last. */
const FLOOR = { secret: { precision: 0.99, recall: 0.99 }, placeholder: { precision: 0.97, recall: 0.97 } }

type Kind = 'secret' | 'placeholder'
type Labels = Record<string, Record<Kind, boolean>>

/** How often the rules and the labels agree, and the names on which they do not. */
class Tally {
  right = 0
  found = 0
  readonly missed: string[] = []
  readonly wrong: string[] = []

  count(where: string, wanted: boolean, actual: boolean): void {
    if (wanted === actual) this.right++
    if (wanted && actual) this.found++
    if (wanted && !actual) this.missed.push(where)
    if (!wanted && actual) this.wrong.push(where)
  }

  get precision(): number {
    return this.found / Math.max(1, this.found + this.wrong.length)
  }

  get recall(): number {
    return this.found / Math.max(1, this.found + this.missed.length)
  }
}

const corpus = sharedFolder('env-corpus')

if (corpus === undefined) leaveOut('the labels of the corpus of .env files', 'no shared data')
else
  test('the rules agree with the labels of the corpus', (context) => {
    const clear = { secret: new Tally(), placeholder: new Tally() }
    const borderline = { secret: new Tally(), placeholder: new Tally() }
    const doubtful = readJson('borderline.json') as Record<string, Record<string, string>>
    for (const name of readdirSync(corpus).filter((file) => file.endsWith('.env'))) {
      const base = name.slice(0, -'.env'.length)
      const labels = readJson(`${base}.labels.json`) as Labels
      for (const [variable, classification] of classified(name)) {
        const label = labels[variable]
        assert.ok(label, `${base} has a label for ${variable}`)
        const tally = doubtful[base]?.[variable] === undefined ? clear : borderline
        for (const kind of ['secret', 'placeholder'] as const) tally[kind].count(`${base} ${variable}`, label[kind], classification[kind])
      }
    }
    for (const kind of ['secret', 'placeholder'] as const) {
      const { precision, recall, missed, wrong } = clear[kind]
      context.diagnostic(
        `${kind}: precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)}; borderline ${borderline[kind].right} alike`,
      )
      for (const where of [...missed, ...borderline[kind].missed]) context.diagnostic(`${kind} missed: ${where}`)
      for (const where of [...wrong, ...borderline[kind].wrong]) context.diagnostic(`${kind} wrongly: ${where}`)
      assert.ok(precision >= FLOOR[kind].precision, `${kind}: wrongly ${wrong.join(', ')}`)
      assert.ok(recall >= FLOOR[kind].recall, `${kind}: missed ${missed.join(', ')}`)
    }
  })

function classified(name: string): Map<string, Classification> {
  const file = readDotenv(readFileSync(join(corpus ?? '', name)), { name })
  return new Map([...classifyFile(file)].map(([assignment, classification]) => [assignment.name, classification]))
}

function readJson(name: string): unknown {
  return JSON.parse(readFileSync(join(corpus ?? '', name), 'utf8'))
}

/** I1 to I4 of the corpus: an open quote, a name, a line, a spaced export that cannot be right. */
const INVALID = new Set(['DOTENV_QUOTE_OPEN', 'DOTENV_NAME_REJECTED', 'DOTENV_LINE_BROKEN', 'DOTENV_EXPORT_SPACED'])

if (corpus === undefined) leaveOut('what the corpus of .env files calls invalid', 'no shared data')
else
  test('what the labels call invalid is an error, and nothing else is one of these', () => {
    for (const name of readdirSync(corpus).filter((file) => file.endsWith('.env'))) {
      const labels = readJson(`${name.slice(0, -'.env'.length)}.labels.json`) as Record<string, { invalid: boolean }>
      const { items, diagnostics } = readDotenv(readFileSync(join(corpus, name)), { name })
      const lines = new Set(diagnostics.filter(({ code }) => INVALID.has(code)).map(({ range }) => range?.begin.line))
      const found = items.flatMap((item) => {
        if (!lines.has(item.line)) return []
        return item.kind === 'assignment' ? [item.name] : [`@line:${item.line}`]
      })
      const wanted = Object.keys(labels).filter((key) => labels[key]?.invalid)
      assert.deepEqual(found.toSorted(), wanted.toSorted(), name)
    }
  })
