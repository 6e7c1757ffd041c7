import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { builtinModules } from 'node:module'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const source = join(import.meta.dirname, '..', 'src')

test('the package runs where there is nothing of Node', () => {
  const script = join(import.meta.dirname, 'in-a-browser.mjs')
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--experimental-vm-modules', '--no-warnings', script], {
    encoding: 'utf8',
  })
  assert.equal(status, 0, stderr)
  assert.deepEqual(JSON.parse(stdout), { values: '{"a":"[secret]","b":"\\u003c1\\u003e","base":1,"p":"xx"}', diagnostics: 0, sealed: true })
})

test('no file of the package imports a module of Node or anything but the model', () => {
  const builtins = new Set(builtinModules)
  const files = globSync('**/*.ts', { cwd: source })
  assert.ok(files.length > 40)
  for (const file of files) {
    const text = readFileSync(join(source, file), 'utf8')
    for (const [, specifier = ''] of text.matchAll(/^(?:import '|(?:import|export) [^'\n]* from '|\} from ')([^'\n]+)'$/gm)) {
      if (specifier.startsWith('.')) continue
      assert.ok(!builtins.has(specifier) && !specifier.startsWith('node:'), `${file} imports ${specifier}`)
      assert.match(specifier, /^@headgate\/model(\/pattern)?$/, `${file} imports ${specifier}`)
    }
    assert.doesNotMatch(
      text,
      /\b(?:Buffer|process|require|setTimeout|setImmediate|Date|Math\.random)\b[.(]/,
      `${file} uses something of Node, a clock or chance`,
    )
  }
})
