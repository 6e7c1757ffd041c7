import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { test } from 'node:test'
import { leaveOut } from '../test/left-out.ts'
import { runProcess } from '../test/child-process.ts'
import { makeHome, repository, startPlane } from './plane-process.ts'
import { pythonCommand } from './python-command.ts'
import { Site } from './release-kit.ts'
import { shellBlocks } from './shell-blocks.ts'

const SECTION = 'Release it'

/** The one block of a language in the section. */
function blockOf(language: string): string {
  const text = readFileSync(join(repository, 'README.md'), 'utf8')
  const part = text.split(/^## /m).find((each) => each.startsWith(`${SECTION}\n`)) ?? ''
  const block = new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, 'm').exec(part)?.[1]
  assert.ok(block, `the README shows ${language}`)
  return block
}

if (pythonCommand() === undefined) leaveOut('the release by hand of a Python service', 'no python3')
else {
  test(
    'the README releases a Python service by hand, word for word: two releases, back again, logs, and the end',
    { timeout: 240_000 },
    async (t) => {
      const home = makeHome(t)
      const site = Site.at(t, home, await startPlane(t, home))
      // npx finds the repository's own command wherever it is typed.
      const path = `${join(repository, 'node_modules', '.bin')}${delimiter}${process.env['PATH']}`
      const env = { ...site.plane.environment, PATH: path }
      const type = async (commands: string, within = 120_000): Promise<string> => {
        const script = `npx() { "$@"; }\n${commands}`
        const ended = await runProcess(t, ['sh', '-e', '-c', script], { cwd: site.folder, env, within })
        assert.equal(ended.code, 0, `${commands}\n${ended.stdout}${ended.stderr}`)
        return ended.stdout
      }
      const answer = async (): Promise<string> => (await site.ask()).body

      await type('npx headgate init --project notes')
      assert.match(readFileSync(join(site.folder, 'headgate.yaml'), 'utf8'), /^project: notes$/m)
      writeFileSync(join(site.folder, 'server.py'), blockOf('python'))
      writeFileSync(join(site.folder, 'headgate.yaml'), blockOf('yaml'))
      const [first = '', second = '', ...more] = shellBlocks('README.md', SECTION)
      assert.equal(more.length, 0)

      const shown = await type(first)
      assert.match(shown, /live\n {2}web {2}http:\/\/notes\.localhost:\d+\n/)
      assert.match(shown, /^notes\/production: release #1 v1/m)
      assert.match(shown, new RegExp(`http://notes\\.localhost:${new URL(site.plane.router).port}`))
      assert.equal((shown.match(/ healthy /g) ?? []).length, 2, shown)
      assert.equal(await answer(), 'v1 says hello\n')

      const [set = '', edit = '', deploy = '', rollback = '', logs = '', ...rest] = second.trimEnd().split('\n')
      assert.equal(rest.length, 0)
      await type(`${set}\n${edit}`)
      assert.equal(await answer(), 'v1 says hello\n', 'what runs is pinned')
      await type(deploy)
      assert.equal(await answer(), 'v2 says welcome\n')
      assert.match(await type(rollback), /^release #1 v1 of notes\/production [^]*live\n/)
      assert.equal(await answer(), 'v1 says hello\n', 'code and configuration went back together')
      assert.match(await type(logs), /GET \/healthz/)

      const list = await type('npx headgate release ls')
      assert.match(list, /● +1 +v1 .*\n +2 +v2 |  +2 +v2 .*\n● +1 +v1 /)
      assert.match(await type('npx headgate release show v2'), /configuration notes\/production, frozen at\n.*notes\/production@3 /)
      await type('npx headgate release stop --yes')
      assert.notEqual((await site.ask()).status, 200)
      assert.equal(site.processes().length, 0)
      assert.match(await type('npx headgate status'), /nothing is live/)
    },
  )
}
