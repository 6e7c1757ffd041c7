/** Sessions of a terminal, replayed: testdata/*.txt. HEADGATE_ACCEPT=1 writes down what came out; the diff is the review. */
import assert from 'node:assert/strict'
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import { normalise } from './transcript/normalise.ts'
import { type Block, type CommandBlock, parseTranscript, renderTranscript, shellWords } from './transcript/parse-transcript.ts'
import { type Plane, type Said, type Session, startSession } from './transcript/session.ts'

const folder = join(import.meta.dirname, '..', 'testdata')
/** Lines that do something: a plane beside the session, signed in to at its first start. */
const PLANE_STARTS = '# (a plane starts)'
const PLANE_STOPS = '# (the plane stops)'
/** What is made during a session stands in its environment; a word that is `$NAME` is taken from there. */
const AGE_IDENTITY = '# (an age identity: identity.txt, $RECIPIENT)'

for (const name of (await readdir(folder)).filter((each) => each.endsWith('.txt')).toSorted()) {
  test(`the session ${name} goes as it is written down`, { timeout: 120_000 }, async () => {
    const text = await readFile(join(folder, name), 'utf8')
    const blocks = parseTranscript(text)
    const session = await startSession()
    try {
      const happened = await replay(blocks, session)
      if (process.env['HEADGATE_ACCEPT'] === '1') await writeFile(join(folder, name), renderTranscript(happened))
      else assert.equal(renderTranscript(happened), renderTranscript(blocks))
    } finally {
      await session.end()
    }
  })
}

async function replay(blocks: readonly Block[], session: Session): Promise<Block[]> {
  const happened: Block[] = []
  let plane: Plane | undefined
  for (const block of blocks) {
    if (block.kind === 'prose' && block.line === PLANE_STARTS) plane = await startAndSignIn(session)
    if (block.kind === 'prose' && block.line === PLANE_STOPS) assert.equal((await plane?.stop())?.exitCode, 0)
    if (block.kind === 'prose' && block.line === AGE_IDENTITY) await makeIdentity(session)
    if (block.kind === 'file') await place(session.folder, block.name, block.content)
    happened.push(block.kind === 'command' ? await replayCommand(block, session) : block)
  }
  return happened
}

async function startAndSignIn(session: Session): Promise<Plane> {
  const plane = await session.startPlane()
  session.env['HEADGATE_URL'] = plane.url
  if (plane.token !== undefined) {
    const said = await session.run(['login', '--token-file', '-'], { input: plane.token })
    assert.equal(said.exitCode, 0, said.stderr)
    session.env['HEADGATE_TOKEN'] = plane.token
  }
  return plane
}

async function makeIdentity(session: Session): Promise<void> {
  const identity = await generateX25519Identity()
  session.env['RECIPIENT'] = await identityToRecipient(identity)
  await place(session.folder, 'identity.txt', `# made for this run\n${identity}\n`)
}

async function place(root: string, name: string, content: string): Promise<void> {
  await mkdir(dirname(join(root, name)), { recursive: true })
  await writeFile(join(root, name), content, { mode: name.endsWith('.sh') ? 0o700 : 0o600 })
}

async function replayCommand(block: CommandBlock, session: Session): Promise<CommandBlock> {
  const words = shellWords(block.line).map((word) => (/^\$[A-Z]+$/.test(word) ? (session.env[word.slice(1)] ?? word) : word))
  const env: Record<string, string> = {}
  while (/^[A-Z_]+=/.test(words[0] ?? '')) {
    const [name = '', ...value] = (words.shift() ?? '').split('=')
    env[name] = value.join('=')
  }
  assert.equal(words.shift(), 'headgate', `only headgate is run here, not: ${block.line}`)
  const input = block.input.map((line) => `${line}\n`).join('')
  const said = await session.run(words, { env, input, terminal: block.terminal })
  const [, migration] = /\bapplied migration ([0-9a-f-]{36})/.exec(said.stdout) ?? []
  if (migration !== undefined) session.env['MIGRATION'] = migration
  const [, draft] = /\bproposed as draft ([0-9a-f-]{36})/.exec(said.stdout) ?? []
  if (draft !== undefined) session.env['DRAFT'] = draft
  return { ...block, expected: expectation(said, dirname(session.folder)) }
}

function expectation({ stdout, stderr, exitCode }: Said, root: string): string[] {
  const lines = (text: string, mark: string) => {
    const shown = normalise(text, root).replace(/\n$/, '')
    return text === '' ? [] : shown.split('\n').map((line) => `${mark} ${line}`.trimEnd())
  }
  return [...lines(stdout, '|'), ...lines(stderr, '!'), ...(exitCode === 0 ? [] : [`= ${exitCode}`])]
}
