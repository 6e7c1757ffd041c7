import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { readYaml } from '@headgate/lang'
import type { CommandContext, OptionSpec } from '../command.ts'
import { end } from '../outcome.ts'
import { serveSettings, settingName, settingVariable } from './settings.ts'

/** What the settings file says: texts by the names of settings; a list where a setting takes many. */
type FileSettings = ReadonlyMap<string, readonly string[]>

/**
 * The same command, its options completed: what an option does not say, its variable does, and after that the settings
 * file. Whoever reads an option of it need not know where its value comes from.
 */
export async function withSettings(context: CommandContext): Promise<CommandContext> {
  const { invocation, world } = context
  const named = invocation.option('config') ?? (world.env['HEADGATE_CONFIG'] || undefined)
  const file = named === undefined ? new Map<string, readonly string[]>() : await readSettings(context, resolve(world.cwd, named))
  const from = (name: string): readonly string[] => {
    const variable = world.env[settingVariable(name)]
    if (variable === undefined || variable === '') return file.get(name) ?? []
    return isMany(name) ? variable.split(',').map((value) => value.trim()) : [checked(name, variable, settingVariable(name))]
  }
  // A variable that says what it cannot is refused, whether anything asks for it or not.
  for (const name of byName.keys()) from(name)
  return {
    ...context,
    invocation: {
      ...invocation,
      option: (name) => invocation.option(name) ?? (isSetting(name) ? from(name)[0] : undefined),
      options: (name) => {
        const said = invocation.options(name)
        return said.length > 0 || !isSetting(name) ? said : from(name)
      },
    },
  }
}

const byName: ReadonlyMap<string, OptionSpec> = new Map(serveSettings.map((setting) => [settingName(setting), setting]))

function isSetting(name: string): boolean {
  return byName.has(name)
}

function isMany(name: string): boolean {
  return byName.get(name)?.many === true
}

function checked(name: string, value: string, where: string): string {
  const { choices } = byName.get(name) ?? {}
  if (choices && !choices.includes(value)) {
    end('SETTING_INVALID', { setting: where, reason: `there is no ${value}; there are ${choices.join(', ')}` })
  }
  return value
}

async function readSettings(context: CommandContext, file: string): Promise<FileSettings> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    const code = (cause as NodeJS.ErrnoException).code ?? 'it cannot be opened'
    return code === 'ENOENT' ? end('FILE_NOT_FOUND', { file }) : end('FILE_UNREADABLE', { file, reason: code })
  })
  const { root, diagnostics } = readYaml(file, text)
  const wrong = (reason: string): never => end('SETTING_INVALID', { setting: file, reason })
  if (diagnostics.length > 0) {
    context.output.diagnostics(diagnostics, { [file]: text })
    return wrong('it is no YAML that can be read')
  }
  if (!root || root.kind === 'null') return new Map()
  if (root.kind !== 'object') return wrong('it is not a map of settings')
  const settings = new Map<string, readonly string[]>()
  for (let n = 0; n < root.size; n += 1) {
    const name = root.keyAt(n).text
    const node = root.valueAt(n)
    const place = `${file}:${root.keyAt(n).range.begin.line}`
    if (!isSetting(name)) return end('SETTING_INVALID', { setting: place, reason: `there is no setting ${name}` })
    const nodes = node.kind === 'array' && isMany(name) ? node.children : [node]
    if (nodes.some(({ kind }) => kind !== 'string' && kind !== 'number')) {
      return end('SETTING_INVALID', { setting: place, reason: `${name} takes ${isMany(name) ? 'texts' : 'one text or number'}` })
    }
    if (nodes.some(({ text: value }) => value === '')) return end('SETTING_INVALID', { setting: place, reason: `${name} is empty` })
    const values = nodes.map(({ text: value }) => checked(name, value, place))
    settings.set(name, byName.get(name)?.completes === 'file' ? values.map((value) => fromFile(file, value)) : values)
  }
  return settings
}

/** Files are named from where the settings file is; `-` is standard input and no file. */
function fromFile(settings: string, value: string): string {
  return value === '-' ? value : resolve(dirname(settings), value)
}
