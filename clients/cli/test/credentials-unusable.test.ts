import assert from 'node:assert/strict'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { startSession } from './transcript/session.ts'

test('a broken file of tokens is named with its fault and the way out, and signing in replaces and keeps it', async (t) => {
  const there = await startSession()
  t.after(() => there.end())
  const { url, token = '' } = await there.startPlane()
  const file = join(there.env['XDG_CONFIG_HOME'] ?? '', 'headgate', 'credentials.json')
  const broken = '{"version": 1,\n "planes": {"http://other.example": {"token": "fake-kept-token",}}}\n'
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, broken, { mode: 0o600 })

  const stopped = await there.run(['env', 'ls', '--url', url])
  assert.equal(stopped.exitCode, 3)
  assert.equal(
    stopped.stderr,
    [
      `CREDENTIALS_UNUSABLE  the stored tokens cannot be used: ${file}: it is no JSON`,
      '  try: repair that file, or sign in again: `headgate login` keeps it aside and writes a new one\n',
    ].join('\n'),
  )
  const doctor = await there.run(['doctor'], { env: { HEADGATE_URL: url } })
  assert.match(doctor.stdout, /✗ credentials .*it is no JSON[\s\S]*`headgate login` keeps it aside/)
  const allSaid = await there.run(['env', 'ls'], { env: { HEADGATE_URL: url, HEADGATE_TOKEN: token } })
  assert.equal(allSaid.exitCode, 0, 'who says plane and token needs no file')

  const refused = await there.run(['login', '--url', url, '--token-file', '-'], { input: 'fake-wrong-token' })
  assert.equal(refused.exitCode, 3)
  assert.equal(await readFile(file, 'utf8'), broken, 'nothing is touched before the plane has taken the token')
  const signedIn = await there.run(['login', '--url', url, '--token-file', '-', '--json'], { input: token })
  assert.equal(signedIn.exitCode, 0, signedIn.stderr)
  const { aside } = JSON.parse(signedIn.stdout) as { aside: string }
  assert.match(signedIn.stderr, /^warning {2}the stored tokens cannot be used: .*it is no JSON; it is kept as /)
  assert.ok(signedIn.stderr.includes(aside))
  assert.equal(await readFile(aside, 'utf8'), broken)
  assert.equal((await there.run(['whoami'])).exitCode, 0)
  for (const { stdout, stderr } of [stopped, doctor, refused, signedIn]) assert.ok(!`${stdout}${stderr}`.includes('fake-kept-token'))
})

test('a HEADGATE_TOKEN that can be none is said to be, and not repeated; the line end of a file is no part of it', async (t) => {
  const there = await startSession()
  t.after(() => there.end())
  const { url, token = '' } = await there.startPlane()
  const whoami = (said: string) => there.run(['whoami', '--url', url], { env: { HEADGATE_TOKEN: said } })
  for (const said of ['fake-planted\ntoken', 'fake-planted-ü', '  ']) {
    const { exitCode, stderr } = await whoami(said)
    assert.deepEqual(
      [exitCode, stderr],
      [1, 'CONFIG_SETTING_INVALID  HEADGATE_TOKEN cannot be used: it is empty, or holds characters no token has\n'],
    )
    const doctor = await there.run(['doctor', '--url', url], { env: { HEADGATE_TOKEN: said } })
    assert.match(doctor.stdout, /✗ token +the one in HEADGATE_TOKEN is not taken: the token cannot be used: it is empty, or holds/)
    assert.ok(!doctor.stdout.includes('planted'))
  }
  assert.equal((await whoami(`${token}\r`)).exitCode, 0)
})
