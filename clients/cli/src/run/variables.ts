/** A variable as opening an environment gives it. */
export interface OpenedVariable {
  readonly name: string
  readonly value: string
  readonly secret: boolean
}

/** What a program is started with, and what was decided about it. */
export interface ProgramVariables {
  readonly variables: Record<string, string>
  /** Names that belong to the machine and were not taken from the environment. */
  readonly dropped: readonly string[]
  /** Names that make programs load code, taken all the same. */
  readonly loading: readonly string[]
  /** Values no program can be handed: the name, and why. */
  readonly invalid: readonly { readonly name: string; readonly reason: string }[]
}

/** These say where a machine's programs and a user's files are. From an environment they would only break the program. */
const MACHINE = new Set([
  'PATH',
  'HOME',
  'PWD',
  'OLDPWD',
  'SHELL',
  'SHLVL',
  'USER',
  'LOGNAME',
  'UID',
  'EUID',
  'PPID',
  'HOSTNAME',
  'IFS',
  'PS0',
  'PS1',
  'PS2',
  'PS3',
  'PS4',
  '_',
])

/** Whoever sets one of these makes the program, or what it starts, run code of theirs. */
const LOADING =
  /^(LD_(PRELOAD|AUDIT|LIBRARY_PATH)|DYLD_.*|NODE_OPTIONS|NODE_PATH|PYTHON(STARTUP|PATH|HOME)|PERL5(OPT|LIB|DB)|RUBY(OPT|LIB)|JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|BASH_ENV|ENV|PROMPT_COMMAND|GCONV_PATH|GIT_SSH_COMMAND)$/

/** The variables of these names, and which of the names there is none of. */
export function onlyNamed(
  variables: readonly OpenedVariable[],
  names: readonly string[],
): { readonly found: readonly OpenedVariable[]; readonly missing: readonly string[] } {
  const wanted = new Set(names)
  const there = new Set(variables.map(({ name }) => name))
  return { found: variables.filter(({ name }) => wanted.has(name)), missing: [...wanted].filter((name) => !there.has(name)) }
}

/**
 * The variables of a program: those of the process and those of the environment. The environment wins, unless
 * `preserve` says that what is set already does.
 */
export function programVariables(
  process: Readonly<Record<string, string | undefined>>,
  opened: readonly OpenedVariable[],
  { preserve }: { preserve: boolean },
): ProgramVariables {
  const set = Object.entries(process).filter((entry): entry is [string, string] => entry[1] !== undefined)
  const variables: Record<string, string> = Object.fromEntries(set)
  const dropped: string[] = []
  const loading: string[] = []
  const invalid: { name: string; reason: string }[] = []
  for (const { name, value } of opened) {
    if (MACHINE.has(name)) dropped.push(name)
    else if (name === '' || name.includes('=') || name.includes('\0'))
      invalid.push({ name, reason: 'its name cannot be that of a variable' })
    else if (value.includes('\0')) invalid.push({ name, reason: 'it holds a NUL byte' })
    else if (!preserve || variables[name] === undefined) {
      if (LOADING.test(name)) loading.push(name)
      variables[name] = value
    }
  }
  return { variables, dropped, loading, invalid }
}
