import type { OptionSpec } from '../command.ts'
import { dataOption, databaseOptions, keyOptions } from '../registry/shared-words.ts'

/**
 * Every setting of `headgate serve`, once: its option, its variable (HEADGATE_ and its name) and its name in the settings
 * file follow from here, and so do the help, the completion and the table in docs/reference/serve.md.
 */
export const serveSettings: readonly OptionSpec[] = [
  dataOption('where the plane keeps everything; default: .headgate/data in this folder'),
  { flags: '--host <address>', summary: 'the address to listen on; default: 127.0.0.1, this machine only' },
  { flags: '--port <number>', summary: 'the port to listen on; 0 takes a free one; default: 4280' },
  {
    flags: '--node-address <url>',
    summary:
      'where other nodes of the same database reach this one: https, or http in a network you trust; default: where it listens, if they can reach that',
  },
  { flags: '--router-port <number>', summary: 'the port deployed services are reached at; default: the one it had, else a free one' },
  { flags: '--public-url <url>', summary: 'how the plane is reached from outside; default: where it listens' },
  {
    flags: '--tls-certificate <file>',
    summary: 'speak TLS with this certificate and its chain (PEM); renewed files are taken over',
    completes: 'file',
  },
  { flags: '--tls-key <file>', summary: 'the key to that certificate (PEM)', completes: 'file' },
  { flags: '--audit-retention <days>', summary: 'how long audit records are kept; default: 2557, seven years' },
  { flags: '--connections <number>', summary: 'connections at a time, others are refused; default: 10000' },
  ...keyOptions,
  ...databaseOptions,
  {
    flags: '--log <style>',
    summary: 'what goes to standard error: json writes a line an event, text what a person wants to see; default: json, on a terminal text',
    choices: ['json', 'text', 'none'],
  },
  {
    flags: '--trace-endpoint <url>',
    summary:
      'send traces by OTLP over HTTP there; default: what OTEL_EXPORTER_OTLP_TRACES_ENDPOINT or OTEL_EXPORTER_OTLP_ENDPOINT says, else none',
  },
  {
    flags: '--provider-address <origin>',
    summary: 'an origin that providers in environments may call; none unless given; may be repeated',
    many: true,
  },
  {
    flags: '--provider-folder <folder>',
    summary: 'a folder below which the provider file may read; may be repeated',
    many: true,
    completes: 'file',
  },
  {
    flags: '--provider-variable <name>',
    summary: 'a variable of this process, or a glob, that the provider env may read; may be repeated',
    many: true,
  },
  { flags: '--aws-endpoint <url>', summary: 'one address for all services of AWS, instead of its own' },
  {
    flags: '--oidc-issuer <url>',
    summary: 'an issuer whose identity tokens trust rules may be about; default: that of GitHub Actions; may be repeated',
    many: true,
  },
  {
    flags: '--webhook-address <origin>',
    summary: 'an origin that webhooks may be sent to; none unless given; may be repeated',
    many: true,
  },
]

/** Where the settings file is. It has no place in the file itself. */
export const settingsFileOption: OptionSpec = {
  flags: '--config <file>',
  summary: 'a YAML file with any of these settings, by the names of their options; default: HEADGATE_CONFIG, else none',
  completes: 'file',
}

/** The name of a setting: of its option without the dashes. */
export function settingName({ flags }: OptionSpec): string {
  return /--([\w-]+)/.exec(flags)?.[1] ?? flags
}

/** The variable a setting is read from. */
export function settingVariable(name: string): string {
  return `HEADGATE_${name.toUpperCase().replaceAll('-', '_')}`
}
