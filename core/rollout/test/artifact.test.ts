import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { FrozenConfiguration, ReleaseContent } from '@headgate/model'
import { idOf } from '@headgate/model'
import {
  type ArtifactEntry,
  codeText,
  configurationText,
  isExcluded,
  linkProblem,
  manifestProblems,
  manifestText,
  pathProblem,
  releaseText,
} from '../src/index.ts'

const HASH = 'a'.repeat(64)

function file(path: string, more: Partial<Extract<ArtifactEntry, { kind: 'file' }>> = {}): ArtifactEntry {
  return { kind: 'file', path, size: 1, hash: HASH, executable: false, ...more }
}

function link(path: string, target: string): ArtifactEntry {
  return { kind: 'link', path, target }
}

function problems(...entries: ArtifactEntry[]): string[] {
  return manifestProblems({ entries }).map(({ path, reason }) => `${path}: ${reason}`)
}

test('history and secrets stay out, at any depth, and what only looks like them does not', () => {
  for (const path of ['.git', '.git/config', 'a/.git/x', '.env', '.env.local', 'a/b/.envrc', '.env.d/x']) assert.ok(isExcluded(path), path)
  for (const path of ['.github/workflows', 'env', 'a.env', '.gitignore', '.npmrc', 'environment']) assert.ok(!isExcluded(path), path)
})

test('a path is inside the folder or refused', () => {
  for (const path of ['', '/a', '..', 'a/..', './a', 'a//b', 'a/', 'a\\b', 'a\0b', '.env', 'x'.repeat(300), `${'a/'.repeat(600)}b`]) {
    assert.notEqual(pathProblem(path), undefined, JSON.stringify(path))
  }
  for (const path of ['a', 'a/b.c', '...', 'ü/日本', '.hidden', 'a b']) assert.equal(pathProblem(path), undefined, path)
})

test('a link ends inside the folder or is refused', () => {
  const outside = [
    ['a', '/etc/passwd'],
    ['a', '..'],
    ['a/b', '../../c'],
    ['a/b', '../c/../../d'],
    ['a', '.env'],
    ['a/b', '../.git/config'],
    ['a', ''],
  ] as const
  for (const [path, target] of outside) assert.notEqual(linkProblem(path, target), undefined, `${path} -> ${target}`)
  for (const [path, target] of [
    ['a', 'b'],
    ['a/b', '../c'],
    ['a/b/c', '../../d'],
    ['a', './b/.'],
  ] as const) {
    assert.equal(linkProblem(path, target), undefined, `${path} -> ${target}`)
  }
})

test('links that only together lead outside are refused', () => {
  assert.deepEqual(problems(file('x/y'), link('x/up', '..'), link('out', 'x/up/../z')), [
    'out: it leads through the link x/up and up again',
  ])
  assert.deepEqual(problems(file('x/y'), link('x/up', '..'), link('in', 'x/up/x/y')), [])
})

test('a manifest is refused for each thing that is wrong with it', () => {
  assert.deepEqual(problems(), [': there is nothing in it'])
  assert.deepEqual(problems(file('a'), file('a')), ['a: it is there twice'])
  assert.deepEqual(problems(file('a'), file('a/b')), ['a/b: a is a file or a link, and not a folder'])
  assert.deepEqual(problems(link('a', 'b'), file('a/c'), file('b/c')), ['a/c: a is a file or a link, and not a folder'])
  assert.deepEqual(problems(file('a', { hash: 'abc' })), ['a: its hash is not a SHA-256 in hexadecimal'])
  assert.deepEqual(problems(file('a', { size: -1 })), ['a: its size is not a number of bytes'])
})

test('the text an artifact is named by knows no order, and tells any two artifacts apart', () => {
  const entries = fc.uniqueArray(fc.record({ path: fc.stringMatching(/^[a-d]{1,3}$/), size: fc.nat(3), executable: fc.boolean() }), {
    selector: ({ path }) => path,
    maxLength: 4,
  })
  fc.assert(
    fc.property(entries, entries, (one, other) => {
      const text = (list: typeof one) => manifestText({ entries: list.map(({ path, ...more }) => file(path, more)) })
      assert.equal(text(one), text(one.toReversed()))
      const same = JSON.stringify(sorted(one)) === JSON.stringify(sorted(other))
      assert.equal(text(one) === text(other), same)
    }),
    { numRuns: 200 },
  )
})

function sorted(list: readonly { path: string; size: number; executable: boolean }[]) {
  return list.map(({ path, size, executable }) => `${path} ${size} ${executable}`).toSorted()
}

const configuration: FrozenConfiguration = {
  reference: 'shop/production',
  revisions: [{ environment: 'main/shop/production', environmentId: idOf<'environment'>('e-1'), revision: 3, hash: HASH }],
}
const content: ReleaseContent = {
  target: { project: 'shop', environment: 'production' },
  services: [
    {
      name: 'web',
      artifact: HASH,
      run: 'node server.mjs',
      replicas: 2,
      health: { path: '/', intervalMs: 1000, timeoutMs: 1000, healthyAfter: 2, deadlineMs: 60_000 },
      limits: { memoryBytes: 1 },
      drain: { requestsMs: 1, connectionsMs: 2 },
      reload: 'auto',
      domain: 'shop.localhost',
    },
  ],
  configuration,
  strategy: { type: 'blue-green', steps: [100], stepDurationMs: 0 },
}

test('a release is named by its content: a name an environment had is not part of it, a revision is', () => {
  const text = releaseText(content)
  assert.equal(releaseText(structuredClone(content)), text)
  const revision = configuration.revisions[0]
  assert.ok(revision)
  const renamed = { ...content, configuration: { reference: 'shop/live', revisions: [{ ...revision, environment: 'main/shop/live' }] } }
  assert.equal(releaseText(renamed), text)
  const changed = { ...content, configuration: { ...configuration, revisions: [{ ...revision, revision: 4 }] } }
  assert.notEqual(releaseText(changed), text)
  assert.notEqual(configurationText(changed), configurationText(content))
  assert.notEqual(releaseText({ ...content, strategy: { ...content.strategy, steps: [50, 100] } }), text)
})

test('what a service executes does not depend on how it is watched', () => {
  const [web] = content.services
  assert.ok(web)
  assert.equal(codeText({ ...web, replicas: 5, domain: 'x' } as typeof web), codeText(web))
  assert.notEqual(codeText({ ...web, run: 'node other.mjs' }), codeText(web))
  assert.notEqual(codeText({ ...web, limits: {} }), codeText(web))
})
