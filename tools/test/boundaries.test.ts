import assert from 'node:assert/strict'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../../test/temporary-folder.ts'
import { allRules } from '../checks/boundaries.ts'
import { packageTable } from '../checks/boundaries/package-table.ts'
import type { PackageFolder } from '../checks/boundaries/package-table.ts'
import type { Plant, Rule } from '../checks/boundaries/rule.ts'
import { packageName } from '../checks/boundaries/rules-between-packages.ts'
import { readWorkspace } from '../checks/boundaries/workspace.ts'

const together = allRules.filter((rule) => rule.apart === undefined)
const apart = allRules.filter((rule) => rule.apart === true)

test('a tree that keeps to the package table has no finding', (context) => {
  const tree = healthyTree(temporaryFolder(context, { spaces: true }))
  const workspace = readWorkspace(tree)
  for (const rule of allRules) assert.deepEqual(rule.find(workspace), [], rule.name)
})

test('every rule finds every violation that is planted for it, and says why it is one', (context) => {
  const tree = healthyTree(temporaryFolder(context))
  for (const plant of together.flatMap(({ plants }) => plants)) write(tree, plant)
  const workspace = readWorkspace(tree)
  for (const rule of together) {
    assert.ok(rule.plants.length > 0, `${rule.name} plants nothing`)
    const findings = rule.find(workspace)
    for (const plant of rule.plants) assertFound(rule, plant, findings)
  }
})

test('so does every rule whose violations need a tree of their own', (context) => {
  const folder = temporaryFolder(context)
  assert.ok(apart.length > 0)
  for (const rule of apart) {
    for (const plant of rule.plants) {
      const tree = healthyTree(join(folder, 'tree'))
      write(tree, plant)
      assertFound(rule, plant, rule.find(readWorkspace(tree)))
      rmSync(tree, { recursive: true })
    }
  }
})

test('a package may import what the table grants it, in every way it grants it', (context) => {
  const tree = healthyTree(temporaryFolder(context))
  write(tree, {
    'clients/cli/src/local-plane.ts': "export * from '@headgate/main'\n",
    'clients/cli/src/check.ts':
      "import type { Here } from '@headgate/contract'\nexport const there: () => Promise<Here> = () => import('@headgate/contract')\n",
    'clients/sdk/src/calls.ts': "import { here } from '@headgate/contract/routes'\nexport const there = here\n",
    'plane/router/src/entry.ts':
      "import type { Here } from '@headgate/contract'\nimport { createServer } from 'node:http'\nexport const there: Here = createServer\n",
    'plane/store/src/digest.ts': "import { createHash, randomBytes } from 'node:crypto'\nexport const there = [createHash, randomBytes]\n",
    'core/crypto/src/seal.ts': "import { createCipheriv } from 'node:crypto'\nexport const there = createCipheriv\n",
    'core/lang/src/names.ts':
      'export const there = (process: { env: string }) => ({ Buffer: process.env, at: { setTimeout: 1 }.setTimeout })\n',
    'plane/vault/test/vault.test.ts': "import { here } from '@headgate/server'\nimport '../../../test/kit.ts'\nexport const there = here\n",
    'examples/shop/server.ts': "import { here } from '@headgate/sdk'\nexport const there = here\n",
  })
  const workspace = readWorkspace(tree)
  const findings = allRules.flatMap((rule) => rule.find(workspace))
  assert.deepEqual(findings, [])
})

function assertFound(rule: Rule, plant: Plant, findings: readonly { place: string; reason?: string }[]): void {
  const [first = ''] = Object.keys(plant)
  const found = findings.find(({ place }) => place === first || place.startsWith(`${first}:`) || place.startsWith(`${first}/`))
  assert.ok(found, `"${rule.name}" did not find ${JSON.stringify(plant)}`)
  assert.ok(found.reason !== undefined && found.reason.length > 20, `"${rule.name}" gives no reason`)
}

/** Each package of the table, importing everything it may, and declaring it. */
function healthyTree(folder: string): string {
  write(folder, { 'package.json': '{"name":"tree"}' })
  const folders = Object.keys(packageTable) as PackageFolder[]
  for (const each of folders) {
    const granted = Object.entries(packageTable[each]?.ours ?? {}).map(([to]) => packageName(to as PackageFolder))
    const alone = (packageTable[each]?.alone ?? []).filter((module) => !module.startsWith('node:'))
    write(folder, {
      [`${each}/package.json`]: JSON.stringify({
        name: packageName(each),
        exports: { '.': { source: './src/index.ts' }, './routes': { source: './src/routes.ts' }, './http': { source: './src/http.ts' } },
        dependencies: Object.fromEntries([...granted, ...alone].map((name) => [name, '1.0.0'])),
      }),
      [`${each}/src/index.ts`]: 'export const here = 1\nexport type Here = unknown\n',
      [`${each}/src/routes.ts`]: 'export const here = 1\n',
      [`${each}/src/http.ts`]: 'export const here = 1\n',
    })
  }
  return folder
}

function write(folder: string, files: Plant): void {
  for (const [path, text] of Object.entries(files)) {
    if (text === '') continue
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
}
