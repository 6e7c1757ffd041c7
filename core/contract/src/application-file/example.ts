export interface ExampleOptions {
  readonly project: string
  readonly service: string
  readonly run: string
  readonly build?: string
  /** Names of environments; the last one gets the careful strategy. */
  readonly environments: readonly string[]
}

/** A `headgate.yaml` to begin with, as `headgate init` writes it. It is valid as it stands. */
export function exampleApplicationFile({ project, service, run, build, environments }: ExampleOptions): string {
  const lines = [
    `project: ${project}`,
    'services:',
    `  ${service}:`,
    ...(build === undefined ? [] : [`    build: ${quoted(build)}`]),
    `    run: ${quoted(run)}`,
    '    health: { path: /, interval: 1s, timeout: 1s, healthy_after: 2 }',
    '    replicas: 1',
    '    drain: { requests: 30s, connections: 60s }',
    '    reload: switch                      # or auto, where the service takes changed settings through the SDK',
    'environments:',
    ...environments.flatMap((environment, index) => environmentLines(project, environment, index === environments.length - 1)),
  ]
  return `${lines.join('\n')}\n`
}

function environmentLines(project: string, environment: string, careful: boolean): string[] {
  const strategy = careful ? '{ type: blue-green, steps: [10, 25, 50, 75, 100], step_duration: 5s }' : '{ type: blue-green, steps: [100] }'
  return [`  ${environment}:`, `    configuration: ${project}/${environment}`, `    strategy: ${strategy}`]
}

/** A command as a YAML scalar: plain where that is the same, else in double quotes. */
function quoted(command: string): string {
  return /^[A-Za-z./][A-Za-z0-9 ./_=-]*$/.test(command) && !command.endsWith(' ') ? command : JSON.stringify(command)
}
