import { spawnSync } from 'node:child_process'

/** How Python is called here without any starter in between, which would be a process of its own; undefined where there is none. */
export function pythonCommand(): string | undefined {
  const asked = spawnSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8', timeout: 20_000 })
  return asked.status === 0 ? asked.stdout.trim() : undefined
}
