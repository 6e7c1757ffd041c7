import type { CommandContext } from '../command.ts'
import { end } from '../outcome.ts'

/**
 * The scripts only pass the words on to `headgate __complete` and show what comes back, so a new command or option
 * needs no new script, and what they offer is always this version's.
 */
const scripts: Readonly<Record<string, string>> = {
  bash: `_headgate() {
  local IFS=$'\\n'
  COMPREPLY=($(headgate __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
  [[ \${COMPREPLY[0]} == __files ]] && COMPREPLY=($(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o filenames -F _headgate headgate
`,
  zsh: `#compdef headgate
_headgate() {
  local -a candidates
  candidates=("\${(@f)$(headgate __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ $candidates[1] == __files ]]; then _files; else compadd -- $candidates; fi
}
# Called for the first time from a folder of functions, this file is the function's body: then it completes at once.
if [[ $funcstack[1] == _headgate ]]; then _headgate "$@"; else compdef _headgate headgate; fi
`,
  fish: `function __headgate_candidates
  set -l candidates (headgate __complete (commandline -opc)[2..] (commandline -ct) 2>/dev/null)
  if test "$candidates[1]" = __files
    __fish_complete_path (commandline -ct)
  else
    printf '%s\\n' $candidates
  end
end
complete -c headgate -f -a '(__headgate_candidates)'
`,
}

/** Prints a shell's completion script. */
export async function run({ output, invocation, spec }: CommandContext): Promise<void> {
  const shell = invocation.argument('shell') ?? ''
  const script = scripts[shell]
  if (script === undefined)
    return end('USAGE', { reason: `there is completion for bash, zsh and fish, not for ${shell}`, command: spec.name })
  output.answer({ shell, script }, () => script)
}
