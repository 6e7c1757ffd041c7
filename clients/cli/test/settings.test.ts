import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import type { CommandContext } from '../src/command.ts'
import { withSettings } from '../src/serve/read-settings.ts'
import { serveSettings, settingName, settingVariable, settingsFileOption } from '../src/serve/settings.ts'

interface Said {
  readonly options?: Record<string, string | string[]>
  readonly env?: Record<string, string>
  readonly file?: string
}

async function settled(t: TestContext, { options = {}, env = {}, file }: Said) {
  const folder = temporaryFolder(t)
  if (file !== undefined) await writeFile(join(folder, 'plane.yaml'), file)
  const all: Record<string, string | string[]> = file === undefined ? options : { config: 'plane.yaml', ...options }
  const invocation = {
    option: (name: string) => all[name] as string | undefined,
    options: (name: string) => (all[name] ?? []) as string[],
  }
  const context = { invocation, world: { env, cwd: folder }, output: { diagnostics: () => {} } } as unknown as CommandContext
  return { folder, invocation: (await withSettings(context)).invocation }
}

test('an option wins over its variable, and that over the file', async (t) => {
  const file = 'port: 1\nhost: file\nlog: json\n'
  const { invocation } = await settled(t, { options: { port: '3' }, env: { HEADGATE_PORT: '2', HEADGATE_HOST: 'variable' }, file })
  assert.deepEqual([invocation.option('port'), invocation.option('host'), invocation.option('log')], ['3', 'variable', 'json'])
  assert.equal(invocation.option('data'), undefined)
})

test('what takes many is a list in the file, and separated by commas in a variable', async (t) => {
  const file = 'provider-address: [https://vault.example.org, "https://*.example.org"]\nwebhook-address: https://one.example.org\n'
  const { invocation } = await settled(t, { env: { HEADGATE_PROVIDER_VARIABLE: 'A, B_*' }, file })
  assert.deepEqual(invocation.options('provider-address'), ['https://vault.example.org', 'https://*.example.org'])
  assert.deepEqual(invocation.options('webhook-address'), ['https://one.example.org'])
  assert.deepEqual(invocation.options('provider-variable'), ['A', 'B_*'])
})

test('files are named from where the settings file is', async (t) => {
  const { folder, invocation } = await settled(t, { file: 'data: data\ntls-key: /etc/tls.key\ndatabase-file: "-"\n' })
  assert.deepEqual(
    ['data', 'tls-key', 'database-file'].map((name) => invocation.option(name)),
    [join(folder, 'data'), '/etc/tls.key', '-'],
  )
})

test('a setting that is none, or says what it cannot, is refused at its place', async (t) => {
  const refused: [Said, RegExp][] = [
    [{ file: 'host: x\nprot: 1\n' }, /plane\.yaml:2 cannot be used: there is no setting prot/],
    [{ file: 'log: loud\n' }, /plane\.yaml:1 cannot be used: there is no loud; there are json, text, none/],
    [{ file: 'port: [1, 2]\n' }, /port takes one text or number/],
    [{ file: 'port: 0\nhost: ""\n' }, /plane\.yaml:2 cannot be used: host is empty/],
    [{ file: '- port\n' }, /it is not a map of settings/],
    [{ env: { HEADGATE_LOG: 'loud' } }, /HEADGATE_LOG cannot be used/],
    [{ env: { HEADGATE_CONFIG: 'nowhere.yaml' } }, /there is no file .*nowhere\.yaml/],
  ]
  for (const [said, message] of refused) await assert.rejects(settled(t, said), message)
})

test('docs/reference/serve.md has every setting as it is', async () => {
  const file = join(import.meta.dirname, '..', '..', '..', 'docs', 'reference', 'serve.md')
  const escaped = (text: string) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('*', '\\*')
  const rows = serveSettings.map((setting) => {
    const name = settingName(setting)
    const values = setting.choices ? ` (${setting.choices.join(', ')})` : ''
    return `| \`${setting.flags.replace(/^.*?--/, '--')}\` | \`${settingVariable(name)}\` | \`${name}\` | ${escaped(setting.summary)}${values} |`
  })
  const table = ['| option | variable | in the file | |', '| --- | --- | --- | --- |', ...rows].join('\n')
  const [begin, end] = ['<!-- made from the settings: HEADGATE_ACCEPT=1 rewrites it -->\n\n', '\n\n<!-- end of the settings -->']
  const document = await readFile(file, 'utf8')
  const [before = '', rest = ''] = document.split(begin)
  const renewed = `${before}${begin}${table}${end}${rest.split(end)[1] ?? ''}`
  if (process.env['HEADGATE_ACCEPT'] === '1') await writeFile(file, renewed)
  else assert.equal(document, renewed, 'HEADGATE_ACCEPT=1 rewrites it')
  assert.equal(settingName(settingsFileOption), 'config')
})
