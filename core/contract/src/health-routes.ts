/** How the plane is, for whoever watches over it: kept next to `routes.ts`, which takes them in. */
import { defineRoutes } from './route.ts'

const numbers = { none: 'numbers about the plane itself' } as const

export const healthRoutes = defineRoutes({
  getHealth: {
    method: 'GET',
    path: '/health',
    summary: 'Whether the plane is up, and what it is',
    permission: 'public',
    on: 'nothing',
    audit: { none: 'shows only that the plane is up' },
    errors: [],
  },
  getReadiness: {
    method: 'GET',
    path: '/ready',
    summary: 'Whether the plane can do its work now: its database reads, and its keys open; status 503 where it cannot',
    permission: 'public',
    on: 'nothing',
    audit: { none: 'shows only whether the plane can work' },
    errors: ['PLANE_NOT_READY'],
  },
  getConfigurationStatus: {
    method: 'GET',
    path: '/api/config/status',
    summary: 'What the plane serves, how often it had it at hand, and who is connected',
    permission: 'observe',
    on: 'organisation',
    audit: numbers,
    errors: [],
  },
  getLanguageHealth: {
    method: 'GET',
    path: '/api/esc/health',
    summary: 'How opening and checking environments goes',
    permission: 'observe',
    on: 'organisation',
    audit: numbers,
    errors: [],
  },
  getSecretsHealth: {
    method: 'GET',
    path: '/api/secrets/health',
    summary: 'Whether keys and audit log are as they must be for a secret to be opened',
    permission: 'observe',
    on: 'organisation',
    audit: numbers,
    errors: [],
  },
  readMetrics: {
    method: 'GET',
    path: '/metrics',
    summary: 'All figures of the plane as Prometheus reads them',
    permission: 'observe',
    on: 'organisation',
    audit: numbers,
    errors: [],
    answer: 'text',
  },
})
