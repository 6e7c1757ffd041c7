import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { errorCatalogue } from '@headgate/model'
import { temporaryFolder } from '../../test/temporary-folder.ts'
import { commandLines, findUnknownCommands } from '../checks/documents/commands.ts'
import { findUndecided } from '../checks/documents/decisions.ts'
import { describeCatalogue, errorReference } from '../checks/documents/error-reference.ts'
import { compareGenerated, writeGenerated } from '../checks/documents/generated-document.ts'
import { findUnusedWords } from '../checks/documents/glossary.ts'
import { findBrokenLinks } from '../checks/documents/links.ts'
import { findMachineWords } from '../checks/documents/machine-words.ts'
import { packageTableText } from '../checks/documents/package-table-text.ts'
import { readErrors } from '../checks/types.ts'

function tree(context: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder(context)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}

const messages = (findings: readonly { place: string; message: string }[]): string[] =>
  findings.map(({ place, message }) => `${place} ${message}`)

test('the reference of errors has every code with its status, message and hint, and is found when it is out of step', (context) => {
  const text = describeCatalogue(errorCatalogue)
  for (const [code, { status, message }] of Object.entries(errorCatalogue)) {
    assert.ok(text.includes(`## ${code}\n\nStatus ${status}. ${message.replaceAll('<', '&lt;')}\n`), code)
  }
  const folder = tree(context, {})
  writeGenerated(folder, errorReference)
  assert.deepEqual(compareGenerated(folder, errorReference), [])
  const file = join(folder, errorReference.path)
  writeFileSync(file, readFileSync(file, 'utf8').replace('Status 404', 'Status 403'))
  assert.match(messages(compareGenerated(folder, errorReference)).join(), /^docs\/reference\/errors\.md:\d+ is not what the code says$/)
})

test('the package table of a document is replaced, and what stands around it is left', (context) => {
  const folder = tree(context, {
    'CONTRIBUTING.md':
      '# Before\n\n<!-- package table: npm run ready -- --fix writes it -->\nold\n<!-- end of the package table -->\n\nafter\n',
  })
  assert.equal(compareGenerated(folder, packageTableText).length, 1)
  writeGenerated(folder, packageTableText)
  const text = readFileSync(join(folder, 'CONTRIBUTING.md'), 'utf8')
  assert.match(text, /^# Before\n\n<!--[^]*\| core\/model \|[^]*\| clients\/console \|[^]*-->\n\nafter\n$/)
  assert.doesNotMatch(text, /^old$/m)
  assert.deepEqual(compareGenerated(folder, packageTableText), [])
})

test('a dependency without a reason is found', (context) => {
  const folder = tree(context, {
    'package.json': '{"devDependencies":{"decided":"1","undecided":"1"}}',
    'core/a/package.json': '{"dependencies":{"@headgate/model":"1","other":"1"}}',
    'docs/decisions/0001-x.md': '- `decided`: because.\n',
  })
  assert.deepEqual(
    findUndecided(folder).map(({ place }) => place),
    ['core/a/package.json', 'package.json'],
  )
})

test('commands in documents are those of the command line and of package.json', (context) => {
  const page = [
    'Type `npx headgate serve --data DIR` or `npm test`, never `npm run nothing`.',
    '```sh',
    '$ npx headgate env set shop/dev key value --secret # asks',
    'headgate env sett x',
    'headgate serve --quiet',
    'headgate run shop/dev -- python3 --version',
    'npm run build',
    '```',
    '```json',
    'headgate is no command here',
    '```',
    '`headgate COMMAND --help`, `headgate env …`, `headgate --version`',
  ]
  const folder = tree(context, { 'package.json': '{"scripts":{"test":"","build":""}}', 'page.md': page.join('\n') })
  const commands = [
    { name: 'serve', options: [{ flags: '--data <folder>' }] },
    { name: 'env set', options: [{ flags: '-s, --secret' }] },
    { name: 'run' },
  ]
  assert.deepEqual(messages(findUnknownCommands(folder, ['page.md'], commands)), [
    'page.md:1 `npm run nothing`: package.json has no script nothing',
    'page.md:4 `headgate env sett x`: there is no such command',
    'page.md:5 `headgate serve --quiet`: serve has no option --quiet',
  ])
  assert.equal(commandLines(page.join('\n')).length, 11)
})

test('a link leads to a file and a heading that are there', (context) => {
  const folder = tree(context, {
    'docs/a.md':
      '# Title\n\n## The `second` one!\n[ok](#the-second-one) [ok](../README.md#start) [ok](https://example.org/x) [no](missing.md) [no](#third)\n[no](../../up.md) `[code](nothing.md)`\n```\n[block](nothing.md)\n```\n',
    'README.md': '# Start\n[folder](docs)\n',
  })
  assert.deepEqual(messages(findBrokenLinks(folder, ['docs/a.md', 'README.md'])), [
    'docs/a.md:4 links to missing.md: there is no such file',
    'docs/a.md:4 links to #third: it has no heading #third',
    'docs/a.md:5 links to ../../up.md: it leaves the repository',
  ])
})

test('a word the glossary explains is said somewhere', (context) => {
  const folder = tree(context, {
    'docs/glossary.md': '| word | means |\n| --- | --- |\n| seal, unseal | … |\n| audit log | … |\n| never said | … |\n',
  })
  assert.deepEqual(messages(findUnusedWords(folder, ['We seal and\n * unseal.', 'the audit\nlog'])), [
    'docs/glossary.md:5 explains "never said", which is said nowhere else',
  ])
})

test('the path of this machine and the host of a registry are found', (context) => {
  const registry = ['https://packages', 'internal', 'example/npm/'].join('.')
  const folder = tree(context, { 'b.bin': '\0' })
  writeFileSync(
    join(folder, 'a.md'),
    `fine\nsee ${folder}/x\nfrom ${registry}\nand ${['registry.npmjs', 'org'].join('.')}\n/root of a tree\n`,
  )
  assert.deepEqual(
    findMachineWords(folder, ['a.md', 'b.bin'], registry).map(({ place }) => place),
    ['a.md:2', 'a.md:3', 'a.md:4'],
  )
})

test('an error of the compiler keeps the lines that explain it', () => {
  const output = "a.ts(3,7): error TS1: Type 'x'\n  is not y.\n    At all.\nb.ts(1,1): error TS2: no\n"
  assert.deepEqual(readErrors(output), [
    { place: 'a.ts:3', message: "TS1: Type 'x'\n  is not y.\n    At all." },
    { place: 'b.ts:1', message: 'TS2: no' },
  ])
})
