/** What the customary names of stages are called as environments; any other name is taken as it is. */
const STAGES: Readonly<Record<string, string>> = {
  development: 'dev',
  develop: 'dev',
  local: 'dev',
  stage: 'staging',
  prod: 'production',
  live: 'production',
  testing: 'test',
}

/**
 * The environment the process seems to run in: from ENVIRONMENT, then NODE_ENV.
 *
 * @returns its name (`production`, or `shop/production` where ENVIRONMENT says it in full), undefined where neither is set
 */
export function detectEnvironment(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const named = env['ENVIRONMENT']?.trim() || env['NODE_ENV']?.trim()
  if (!named || named.includes('/')) return named || undefined
  return STAGES[named.toLowerCase()] ?? named
}
