import { createHash } from 'node:crypto'
import type { Operations } from '@headgate/operations'
import type { FastifyInstance } from 'fastify'
import { pageScript, pageStyle } from './status-page-assets.ts'

/**
 * One page for a person who opens the plane's address: that it is up, and with a token pasted in, which environments
 * there are, at which revision, moving as they change. It shows no value and keeps the token in the page's memory only.
 */
export function registerStatusPage(app: FastifyInstance, operations: Operations, version: string): void {
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${hash(pageScript)}'`,
    `style-src 'sha256-${hash(pageStyle)}'`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
  app.get('/', (_request, reply) => {
    const page = renderPage(operations.describe().organisation, version)
    return reply.type('text/html; charset=utf-8').header('content-security-policy', policy).send(page)
  })
}

function renderPage(organisation: string, version: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Headgate · ${escape(organisation)}</title>
<link rel="icon" href="data:,">
<style>${pageStyle}</style>
</head>
<body>
<header><h1>Headgate</h1><p>${escape(organisation)} · version ${escape(version)} · <span id="state" role="status">checking…</span></p></header>
<main>
<form id="sign-in" autocomplete="off">
<label for="token">Token</label>
<input id="token" type="password" name="token" spellcheck="false" placeholder="as printed by headgate serve">
<button>Show environments</button>
<p id="problem" role="alert"></p>
</form>
<table id="environments" hidden>
<caption>Environments</caption>
<thead><tr><th scope="col">Environment</th><th scope="col" class="number">Revision</th><th scope="col">Changed</th></tr></thead>
<tbody></tbody>
</table>
<p id="none" hidden>No environment yet. Make one: <code>headgate env init shop/dev</code></p>
</main>
<footer><a href="/api/v1/openapi.json">API</a> <a href="/health">Health</a></footer>
<script>${pageScript}</script>
</body>
</html>
`
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64')
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
