import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { spawn } from 'node:child_process'
import type { CliCase } from './case-file.ts'
import { ORGANISATIONS, USER } from './conformance-plane.ts'

export interface Printed {
  readonly stdout: string
  readonly stderr: string
  readonly code: number
}

export interface ReplayOptions {
  readonly binary: string
  readonly url: string
  readonly token: string
}

/** What scripts find besides their own commands: no editor, above all. */
const TOOLS = ['bash', 'cat', 'sh']

/** How long a case may take before it is ended, in milliseconds. */
const WITHIN = 300_000

/** What the script of every case begins with: each command is printed on both outputs before it runs. */
const PREAMBLE = `esc() { echo "> esc $*"; echo "> esc $*" >&2; "$ESC" "$@"; }\nset -eu\n`

/** Runs a case's script with the real client, in a folder of its own, and answers with what it printed. */
export async function replayCase(each: CliCase, { binary, url, token }: ReplayOptions): Promise<Printed> {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-cli-'))
  try {
    const shims = join(folder, '.shims')
    mkdirSync(shims)
    mkdirSync(join(folder, 'temp'))
    for (const [name, content] of Object.entries(each.files)) writeIn(folder, name, content)
    for (const [name, script] of Object.entries(each.commands)) {
      writeIn(shims, name, `#!/bin/bash\n${script}`)
      chmodSync(join(shims, name), 0o755)
    }
    writeIn(folder, '.pulumi/credentials.json', JSON.stringify(signedIn(url, token)))
    for (const tool of TOOLS) symlinkSync(`/bin/${tool}`, join(shims, tool))
    const script = withUrls(each.run, url)
    return await runScript(PREAMBLE + script, folder, {
      PATH: shims,
      HOME: folder,
      TMPDIR: join(folder, 'temp'),
      PULUMI_HOME: join(folder, '.pulumi'),
      PULUMI_ACCESS_TOKEN: token,
      PULUMI_BACKEND_URL: url,
      PULUMI_SKIP_UPDATE_CHECK: '1',
      NO_COLOR: '1',
      TERM: 'dumb',
      ESC: binary,
      ...each.environ,
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What a client keeps of a sign-in; without it every case would begin with one. */
function signedIn(url: string, token: string) {
  const account = { accessToken: token, username: USER, organizations: ORGANISATIONS, lastValidatedAt: new Date().toISOString() }
  return { current: url, accessTokens: { [url]: token }, accounts: { [url]: account } }
}

/** The two services that cases sign in to are this plane, once under its address and once under the machine's name. */
export function withUrls(text: string, url: string): string {
  return text.replaceAll('https://api.fake.pulumi.com', url).replaceAll('https://api.pulumi.com', secondName(url))
}

export function secondName(url: string): string {
  return url.replace('127.0.0.1', 'localhost')
}

function writeIn(folder: string, name: string, content: string): void {
  const file = join(folder, name)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
}

function runScript(script: string, cwd: string, env: Record<string, string>): Promise<Printed> {
  return new Promise((resolve, reject) => {
    const child = spawn('/bin/bash', ['-c', script], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: WITHIN })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    child.on('error', reject)
    child.on('close', (code) => resolve({ stdout, stderr, code: code ?? -1 }))
  })
}
