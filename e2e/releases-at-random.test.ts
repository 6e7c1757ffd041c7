import assert from 'node:assert/strict'
import { test } from 'node:test'
import { leaveOut } from '../test/left-out.ts'
import { seed, times } from '../test/proving.ts'
import { pythonCommand } from './python-command.ts'
import { Site, applicationText, pythonServer, long } from './release-kit.ts'

const python = pythonCommand()

interface Content {
  readonly code: string
  readonly settings: Readonly<Record<string, string>>
}

/** Numbers that are the same for the same seed. */
function numbersFrom(start: number): (below: number) => number {
  let state = start >>> 0
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const pieces = [
  'a',
  'B',
  '7',
  ' ',
  '  ',
  '\t',
  '\n',
  '"',
  "'",
  '\\',
  '$',
  '${x}',
  '#',
  ': ',
  '- ',
  '%',
  'é',
  'ß',
  '漢',
  '🚀',
  '\u0001',
  '=',
  '{',
  '&',
]

function textFrom(number: (below: number) => number, most: number): string {
  return `x${Array.from({ length: number(most) }, () => pieces[number(pieces.length)]).join('')}x`
}

if (python === undefined) leaveOut('releases and rollbacks at random of a Python service', 'no python3')
else {
  test(
    'after any sequence of releases and rollbacks, code and every delivered byte of configuration are those of the named release',
    long,
    async (t) => {
      t.diagnostic(`seed ${seed}`)
      const number = numbersFrom(seed)
      const site = await Site.open(t)
      site.write({ 'server.py': pythonServer, 'headgate.yaml': applicationText({ web: { run: `${python} server.py` } }) })
      const released: Content[] = []
      let settings: Record<string, string> = {}
      let rollbacks = 0
      for (let turn = 0; turn < times({ short: 8, long: 200 }); turn += 1) {
        const back = released.length > 1 && number(3) === 0
        // Edited before a rollback too: what is edited belongs to no release yet.
        const code = textFrom(number, 200)
        site.write({ 'code.txt': code })
        const name = `SET_${number(4)}`
        settings = { ...settings, [name]: textFrom(number, 60) }
        await site.set(name, settings[name] ?? '')
        const wanted = back ? number(released.length) : released.length
        if (back) rollbacks += 1
        else released.push({ code: code.replaceAll('\r\n', '\n'), settings })
        const done = back ? await site.rollBack(`#${wanted + 1}`) : await site.deploy(['--version', `r${wanted + 1}`])
        assert.equal(done.code, 0, `turn ${turn}: ${JSON.stringify(done.end)}${done.stderr}`)
        const served = await site.served()
        const { live } = await site.status()
        assert.equal(live?.number, wanted + 1)
        assert.deepEqual(served, { ...released[wanted], release: live?.id, pid: served.pid }, `turn ${turn}`)
      }
      t.diagnostic(`${released.length} releases, ${rollbacks} rollbacks`)
    },
  )
}
