import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { nameProblem } from '@headgate/model'
import type { CommandContext } from '../command.ts'
import { projectNameOf } from '../migration/project-name.ts'
import { end } from '../outcome.ts'

const FILE = 'headgate.yaml'

/** Writes the application's file and says what comes next. */
export async function run({ world, output, invocation }: CommandContext): Promise<void> {
  const said = invocation.option('project')
  const project = said === undefined ? await projectNameOf(world.cwd) : { name: said, from: '--project' }
  const problem = nameProblem(project.name)
  if (problem) end('NAME_INVALID', { name: project.name, kind: 'a project', reason: problem })
  const start = await startCommandOf(world.cwd)
  const { exampleApplicationFile } = await import('@headgate/contract')
  const text = exampleApplicationFile({ project: project.name, service: 'web', run: start.command, environments: ['dev', 'production'] })
  await write(join(world.cwd, FILE), text)
  const document = { file: join(world.cwd, FILE), project: project.name, run: start.command }
  output.answer(document, () => {
    const lines = [
      `wrote ${output.paint.bold(FILE)}`,
      `  project  ${project.name} (from ${project.from})`,
      `  run      ${start.command} (${start.from})`,
      '',
      'what comes next:',
      '  headgate serve            a plane on this machine; it shows how to sign in',
      '  headgate migrate plan     what your .env files would become',
      `  headgate run ${project.name}/dev -- ${start.command}`,
      '  headgate deploy --environment production',
    ]
    return `${lines.join('\n')}\n`
  })
}

interface StartCommand {
  readonly command: string
  readonly from: string
}

/** What starts the application, as far as the folder says it. */
async function startCommandOf(folder: string): Promise<StartCommand> {
  try {
    const { scripts, main } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
      scripts?: { start?: unknown }
      main?: unknown
    }
    if (typeof scripts?.start === 'string') return { command: 'npm start', from: 'from package.json' }
    if (typeof main === 'string') return { command: `node ${main}`, from: 'from package.json' }
  } catch {
    // Without a readable package.json the application is not Node's, or not there yet.
  }
  return { command: 'node server.mjs', from: 'a guess, as nothing here says it: change it in the file' }
}

async function write(file: string, content: string): Promise<void> {
  try {
    await writeFile(file, content, { flag: 'wx' })
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    if (code === 'EEXIST') end('FILE_EXISTS', { file: FILE })
    end('FILE_UNWRITABLE', { file: FILE, reason: code ?? message })
  }
}
