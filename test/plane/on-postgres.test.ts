/** The suites of the plane once more, on PostgreSQL. Few of them in `npm test`, all in `npm run prove`. */
import { leaveOut } from '../left-out.ts'
import { postgresMissing } from '../postgres-kit.ts'
import { proving } from '../proving.ts'
import { usePostgres } from './test-database.ts'

const missing = postgresMissing()
if (missing !== undefined) leaveOut('the plane on PostgreSQL', missing)
else {
  usePostgres()
  await import('./environments.test.ts')
  await import('./notifications.test.ts')
  if (proving) {
    await import('./access.test.ts')
    await import('./access-escalation.test.ts')
    await import('./kept.test.ts')
    await import('./migrations.test.ts')
    await import('./routes.test.ts')
    await import('./values.test.ts')
  }
}
