/**
 * Every golden case of the language as an environment of a real plane, each of its literals a canary, opened by somebody
 * who may open some paths only, chosen at random: no canary of another path comes out, in any spelling, by any way.
 */
import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { type YamlNode, readYaml, valuePath } from '@headgate/lang'
import { type EnvironmentId, idOf } from '@headgate/model'
import { type PlaneClient } from '@headgate/sdk/http'
import { update } from '@headgate/store'
import { testLookup } from '../conformance/lang/providers.ts'
import { leaveOut } from '../left-out.ts'
import { seed, times } from '../proving.ts'
import { sharedFolder } from '../shared-folder.ts'
import { type ServedPlane, main, need, servePlane } from './served-plane.ts'

interface Canary {
  readonly path: string
  readonly text: string
}

interface CaseEnvironment {
  readonly project: string
  readonly environment: string
  readonly text: string
}

/** The texts of a case, by what its imports call them. */
function environmentsOf(folder: string): CaseEnvironment[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yaml'))
  return files.flatMap((file) => {
    const parts = file.slice(0, -'.yaml'.length).split('/')
    const [environment = '', project = 'default', ...more] = parts.toReversed()
    if (more.length > 0 || !/^[\w.-]+$/.test(environment)) return []
    return [{ project, environment: file === 'env.yaml' ? 'thecase' : environment, text: readFileSync(join(folder, file), 'utf8') }]
  })
}

/** Puts a canary in the place of every string that stands at a path of its own. */
function plant(text: string, canaries: Canary[]): string {
  const { root, source } = readYaml('case', text)
  const places: { start: number; end: number; canary: Canary }[] = []
  const visit = (node: YamlNode): void => {
    if (node.kind === 'array') for (const child of node.children) visit(child)
    if (node.kind === 'object') for (let i = 0; i < node.size; i++) visit(node.valueAt(i))
    if (node.kind !== 'string' || !['plain', 'single', 'double'].includes(node.style) || /[$\n]/.test(node.value) || node.tag !== '') return
    const path = valuePath(node.path)
    if (path === undefined || path === '') return
    places.push({ start: node.contentStart, end: node.end, canary: { path, text: `canary${randomBytes(6).toString('hex')}` } })
  }
  if (root) visit(root)
  let planted = source.text
  for (const { start, end, canary } of places.toReversed()) {
    const next = planted.slice(0, start) + canary.text + planted.slice(end)
    const stands = readYaml('case', next)
    if (!stands.root || stands.diagnostics.length > 0) continue
    planted = next
    canaries.push(canary)
  }
  return planted
}

/** All the ways a text could be written down in an answer. */
function spellings(text: string): string[] {
  const bytes = Buffer.from(text)
  // A longer text around it shifts base64 by up to two places.
  const coded = [0, 1, 2].map((shift) =>
    Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .slice(shift + 1, -4),
  )
  return [text, bytes.toString('hex'), ...coded]
}

/** A small generator, so that a seed is all that is needed to have a failure again. */
function dice(start: number): () => number {
  let state = start
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

async function save(plane: ServedPlane, { project, environment, text }: CaseEnvironment): Promise<EnvironmentId> {
  const { vault, organisation, now } = plane.plane
  const id = idOf<'environment'>(randomUUID())
  const row = {
    id,
    organisation: organisation.id,
    project,
    name: environment,
    created_at: now(),
    deleted_at: null,
    head_revision: 0,
    head_hash: null,
  }
  const owner = await plane.plane.store.principals.byName(organisation.id, 'owner')
  assert.ok(owner)
  // Past the check of a save, so that texts with mistakes are opened too.
  await plane.write(vault.newEnvironment(row, text, { author: owner.id, time: now() }).writes)
  return id
}

async function remove(plane: ServedPlane, ids: readonly EnvironmentId[]): Promise<void> {
  const rows = await Promise.all(ids.map((id) => plane.plane.store.environments.get(id)))
  await plane.write(rows.flatMap((row) => (row ? [update('environments', row, { deleted_at: plane.time })] : [])))
}

/** An environment that imports the case and copies values of it in every way there is, to paths that are allowed. */
function copying(canaries: readonly Canary[]): CaseEnvironment {
  const ways = (path: string): string[] => [
    `'\${${path}}'`,
    `'text \${${path}}'`,
    `{fn::toJSON: {a: '\${${path}}'}}`,
    `{fn::toBase64: '\${${path}}'}`,
    `{fn::join: ['-', ['\${${path}}', x]]}`,
    `{fn::fromJSON: '"\${${path}}"'}`,
    `['\${environments.default.thecase.${path}}']`,
  ]
  const lines = canaries.slice(0, 4).flatMap(({ path }, n) => ways(path.replaceAll("'", "''")).map((way, i) => `  c${n}w${i}: ${way}\n`))
  return {
    project: 'default',
    environment: 'copies',
    text: `imports: [thecase]\nvalues:\n  copies:\n${lines.map((line) => `  ${line}`).join('')}`,
  }
}

/** Everything the plane says to somebody about an environment, as text. */
async function allAnswers(client: PlaneClient, environment: string): Promise<string> {
  const params = main('default', environment)
  const opened = await client.call('openEnvironment', { params })
  const session = await client.call('createOpenSession', { params, body: {} })
  const read = session.ok ? await client.call('readOpenSession', { params: { ...params, session: session.value.session } }) : session
  return JSON.stringify([opened, session, read])
}

const folder = sharedFolder('esc-conformance/eval')
if (folder === undefined) leaveOut('golden cases opened in part', 'no ../shared beside the repository')
else
  test('whoever may open some paths of a golden case gets no canary of another', { timeout: 600_000 }, async (t) => {
    t.diagnostic(`seed ${seed}`)
    const plane = await servePlane(t, { providers: () => testLookup as never })
    const random = dice(seed)
    const user = await plane.user('partial', [{ effect: 'allow', permissions: ['open'], environments: ['main/none/none'] }])
    const role = 'role-of-partial'
    const cases = readdirSync(folder).filter((name) => name !== 'bench' && random() < times({ short: 0.3, long: 1 }))
    let [forbiddenSeen, allowedSeen, opened, copied] = [0, 0, 0, 0]
    for (const name of cases) {
      const canaries: Canary[] = []
      const own: Canary[] = []
      const texts = environmentsOf(join(folder, name)).map((each) => {
        const planted: Canary[] = []
        const text = plant(each.text, planted)
        canaries.push(...planted)
        if (each.environment === 'thecase') own.push(...planted)
        return { ...each, text }
      })
      const ids = await Promise.all([...texts, copying(own)].map((each) => save(plane, each)))
      const allowed = new Set(canaries.map(({ path }) => path).filter(() => random() < 0.5))
      const patterns = [...allowed].slice(0, 19).map((path) => path.replaceAll(/[.*+?^${}()|[\]\\"]/g, '\\$&'))
      const statements =
        patterns.length === 0
          ? []
          : [
              {
                effect: 'allow' as const,
                permissions: ['open', 'read'],
                environments: ['main/*/*'],
                patterns: ['copies\\..*', ...patterns],
              },
            ]
      const none = { effect: 'deny' as const, permissions: ['delete'], environments: ['main/*/*'] }
      need(await plane.owner.call('updateRole', { params: { role }, body: { statements: [...statements, none] } }))
      const answers = (by: PlaneClient) => Promise.all([allAnswers(by, 'thecase'), allAnswers(by, 'copies')]).then(String)
      const [all, some] = await Promise.all([answers(plane.owner), answers(user.client)])
      if (all.includes('"ok":true')) opened++
      if (all.includes('"copies"')) copied++
      const may = new Set([...allowed].slice(0, 19))
      for (const { path, text } of canaries) {
        const ways = spellings(text)
        if (may.has(path)) allowedSeen += some.includes(text) ? 1 : 0
        else {
          forbiddenSeen += ways.some((way) => all.includes(way)) ? 1 : 0
          const told = ways.find((way) => some.includes(way))
          assert.equal(told, undefined, `${name}: ${path} was told to somebody who may open ${[...may].join(', ')}: ${some}`)
        }
      }
      await remove(plane, ids)
    }
    t.diagnostic(`${cases.length} cases, ${opened} opened, ${copied} copied, ${forbiddenSeen} canaries withheld, ${allowedSeen} given`)
    assert.ok(opened > cases.length / 5 && copied > cases.length / 10 && forbiddenSeen > cases.length / 5 && allowedSeen > cases.length / 6)
  })
