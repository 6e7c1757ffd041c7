import { defineErrors } from './entry.ts'

export const generalErrors = defineErrors({
  REQUEST_INVALID: { status: 400, message: 'the request is not as this route takes it: {reason}' },
  ROUTE_UNKNOWN: { status: 404, message: 'there is nothing at {method} {path}', hint: 'the routes are listed at /api/v1/openapi.json' },
  BODY_TOO_LARGE: { status: 413, message: 'the request body is larger than {limit} bytes' },
  INTERNAL: {
    status: 500,
    message: 'Headgate failed on this request (request id {request})',
    hint: "look for the request id in the server's log",
  },
  PLANE_NOT_READY: { status: 503, message: 'the plane cannot work just now: {reason}', hint: "look into the server's log" },
  NODE_UNSUPPORTED: {
    status: 500,
    message: 'Headgate needs Node 24 or newer, and this is Node {version}',
    hint: 'install Node 24, or run `npm ci` in the repository, which brings one',
  },
  USAGE: { status: 400, message: '{reason}', hint: 'headgate {command} --help' },
  PLANE_UNREACHABLE: {
    status: 503,
    message: 'no plane answers at {url} ({reason})',
    hint: 'start one with `headgate serve`, or name another with HEADGATE_URL',
  },
  ANSWER_UNREADABLE: {
    status: 502,
    message: 'what answers at {url} does not speak the Headgate API ({reason})',
    hint: 'check the address: it is what `headgate serve` prints as url',
  },
  NOT_LOGGED_IN: { status: 401, message: 'no token: looked in HEADGATE_TOKEN and in {file}', hint: 'headgate login --url URL' },
  CREDENTIALS_UNUSABLE: {
    status: 401,
    message: 'the stored tokens cannot be used: {file}: {reason}',
    hint: 'repair that file, or sign in again: `headgate login` keeps it aside and writes a new one',
  },
  SETTING_INVALID: { status: 400, message: 'the setting {setting} cannot be used: {reason}', hint: 'headgate serve --help' },
  FILE_NOT_FOUND: { status: 404, message: 'there is no file {file}' },
  FILE_UNREADABLE: { status: 400, message: 'cannot read {file} ({reason})' },
  FILE_EXISTS: { status: 409, message: '{file} exists and is left as it is', hint: 'move it away, or name another file' },
  TERMINAL_REQUIRED: { status: 400, message: '{what} is asked for on a terminal, and this is none', hint: '{instead}' },
})
