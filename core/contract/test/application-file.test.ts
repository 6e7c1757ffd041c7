import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { readYaml } from '@headgate/lang'
import { renderDiagnostic } from '@headgate/model'
import { applicationFileSchema, domainsOf, exampleApplicationFile, readApplicationFile } from '../src/application-file.ts'

const blueprint = `project: shop
services:
  web:
    build: npm run build                # optional
    artifact: dist                      # what is copied; default: this folder
    run: node server.mjs                # inside the copy, with PORT set; or image: …
    health: { path: /healthz, interval: 1s, timeout: 1s, healthy_after: 2 }
    replicas: 2
    limits: { memory: 512MB, cpus: 1 }
    drain: { requests: 30s, connections: 60s }
    reload: auto                        # or switch: a changed setting needs a new instance
environments:
  staging: { configuration: shop/staging, strategy: { type: blue-green, steps: [100] } }
  production:
    configuration: shop/production      # project/environment[@tag or revision]
    domain: shop.localhost
    strategy: { type: blue-green, steps: [10, 25, 50, 75, 100], step_duration: 5s }
    rollback_on: { error_rate: 0.05, latency_p95: 500ms, window: 10s }
`

function read(text: string) {
  const { root } = readYaml('headgate.yaml', text)
  return readApplicationFile(root, 'headgate.yaml')
}

function mistakes(text: string): string[] {
  return read(text).diagnostics.map((diagnostic) => renderDiagnostic(diagnostic, text))
}

function minimal(service: string, environment = '{ configuration: shop/dev }'): string {
  return `project: shop\nservices:\n  web: ${service}\nenvironments:\n  dev: ${environment}\n`
}

test('the file of the blueprint is read, its units as milliseconds and bytes', () => {
  const { file, diagnostics } = read(blueprint)
  assert.deepEqual(diagnostics, [])
  assert.deepEqual(JSON.parse(JSON.stringify(file)), {
    project: 'shop',
    services: {
      web: {
        build: 'npm run build',
        artifact: 'dist',
        run: 'node server.mjs',
        health: { path: '/healthz', intervalMs: 1000, timeoutMs: 1000, healthyAfter: 2, deadlineMs: 60_000 },
        replicas: 2,
        limits: { memoryBytes: 512_000_000, cpus: 1 },
        drain: { requestsMs: 30_000, connectionsMs: 60_000 },
        reload: 'auto',
      },
    },
    environments: {
      staging: { configuration: 'shop/staging', strategy: { type: 'blue-green', steps: [100], stepDurationMs: 10_000 } },
      production: {
        configuration: 'shop/production',
        domain: 'shop.localhost',
        strategy: { type: 'blue-green', steps: [10, 25, 50, 75, 100], stepDurationMs: 5000 },
        thresholds: { errorRate: 0.05, latencyP95Ms: 500, windowMs: 10_000 },
      },
    },
  })
})

test('how long an instance may take to get healthy is the file’s to say', () => {
  const { file } = read(minimal('{ run: ./serve, health: { deadline: 5m } }'))
  assert.equal(file?.services['web']?.health.deadlineMs, 300_000)
})

test('what the file leaves out has a default', () => {
  const web = read(minimal('{ run: ./serve }')).file?.services['web']
  assert.deepEqual(web, {
    artifact: '.',
    run: './serve',
    health: { path: '/', intervalMs: 1000, timeoutMs: 1000, healthyAfter: 2, deadlineMs: 60_000 },
    replicas: 1,
    limits: {},
    drain: { requestsMs: 30_000, connectionsMs: 60_000 },
    reload: 'switch',
  })
})

const wrong: readonly { readonly name: string; readonly text: string; readonly says: readonly string[] }[] = [
  {
    name: 'a length of time without a unit',
    text: minimal('{ run: a, health: { interval: 5 } }'),
    says: [
      'error APPLICATION_VALUE  `services.web.health.interval`: a length of time is written with its unit, for example `30s`, `500ms` or `5m`\n' +
        '  --> headgate.yaml:3:38\n' +
        '3 |   web: { run: a, health: { interval: 5 } }\n' +
        '  |                                      ^',
    ],
  },
  {
    name: 'a field that was misspelt',
    text: minimal('{ run: a, replica: 2 }'),
    says: [
      'error APPLICATION_UNKNOWN_FIELD  there is no field `replica` here\n' +
        '  --> headgate.yaml:3:18\n' +
        '3 |   web: { run: a, replica: 2 }\n' +
        '  |                  ^^^^^^^\n' +
        '  try: did you mean `replicas`?',
    ],
  },
  {
    name: 'a deadline that not one answer could keep',
    text: minimal('{ run: a, health: { timeout: 10s, deadline: 5s } }'),
    says: [
      'error APPLICATION_VALUE  `services.web.health.deadline`: it is shorter than `timeout`, so that not one answer could be waited for\n' +
        '  --> headgate.yaml:3:52\n' +
        '3 |   web: { run: a, health: { timeout: 10s, deadline: 5s } }\n' +
        '  |                                                    ^^',
    ],
  },
  {
    name: 'a service without a command',
    text: minimal('{ replicas: 2 }'),
    says: [
      'error APPLICATION_VALUE  `services.web`: a service needs `run`, the command that starts it\n' +
        '  --> headgate.yaml:3:8\n' +
        '3 |   web: { replicas: 2 }\n' +
        '  |        ^',
    ],
  },
  {
    name: 'steps that do not rise to 100',
    text: minimal('{ run: a }', '{ configuration: shop/dev, strategy: { steps: [50, 25] } }'),
    says: [
      'error APPLICATION_VALUE  `environments.dev.strategy.steps`: the last step is 100: all of the traffic',
      'error APPLICATION_VALUE  `environments.dev.strategy.steps`: each step is more than the one before',
    ],
  },
  {
    name: 'a key that is there twice',
    text: 'project: shop\nproject: store\nservices:\n  web: { run: a }\nenvironments:\n  dev: { configuration: shop/dev }\n',
    says: ['error APPLICATION_SHAPE  `project` is there twice\n  --> headgate.yaml:2:1'],
  },
  {
    name: 'a part that is missing',
    text: 'project: shop\nservices:\n  web: { run: a }\n',
    says: ['error APPLICATION_SHAPE  `environments` is missing'],
  },
  {
    name: 'a service whose name cannot be part of a host name',
    text: 'project: shop\nservices:\n  Web_1: { run: a }\nenvironments:\n  dev: { configuration: shop/dev }\n',
    says: ['error APPLICATION_VALUE  `Web_1` cannot be used as a name: a service is named with lower-case letters'],
  },
  {
    name: 'an image, which nothing here runs',
    text: minimal('{ image: nginx }'),
    says: ['error APPLICATION_UNSUPPORTED  images are not run by this Headgate, which runs processes\n  --> headgate.yaml:3:17'],
  },
  {
    name: 'a strategy that is not there yet',
    text: minimal('{ run: a }', '{ configuration: shop/dev, strategy: { type: canary } }'),
    says: ['error APPLICATION_UNSUPPORTED  this Headgate does not know the strategy `canary` yet'],
  },
  {
    name: 'a configuration that names no project',
    text: minimal('{ run: a }', '{ configuration: dev }'),
    says: ['error APPLICATION_VALUE  `environments.dev.configuration`: a configuration is `project/environment`'],
  },
  {
    name: 'limits for going back without a limit',
    text: minimal('{ run: a }', '{ configuration: shop/dev, rollback_on: { window: 5s } }'),
    says: ['error APPLICATION_VALUE  `environments.dev.rollback_on`: it needs `error_rate` or `latency_p95`'],
  },
  {
    name: 'a list where a map belongs',
    text: 'project: shop\nservices: [web]\nenvironments:\n  dev: { configuration: shop/dev }\n',
    says: ['error APPLICATION_VALUE  `services`: it is a list, and should be a map'],
  },
  { name: 'nothing at all', text: '# empty\n', says: ['error APPLICATION_SHAPE  headgate.yaml is empty'] },
]

for (const { name, text, says } of wrong) {
  test(`a mistake is shown at its place: ${name}`, () => {
    const found = mistakes(text)
    assert.equal(found.length, says.length, found.join('\n'))
    for (const [index, start] of says.entries())
      assert.ok(found[index]?.startsWith(start), `${found[index]}\n\ndoes not start with\n\n${start}`)
  })
}

test('mistakes in several places are all found at once', () => {
  assert.equal(mistakes(minimal('{ run: a, replicas: 0, reload: never, limits: { memory: 512 } }')).length, 3)
})

test('a service may be called as something every object has', () => {
  const { file } = read('project: shop\nservices:\n  constructor: { run: a }\nenvironments:\n  dev: { configuration: shop/dev }\n')
  assert.deepEqual(Object.keys(file?.services ?? {}), ['constructor'])
})

test('the first service answers to the domain, the others to their name in front of it', () => {
  const text = 'project: My_Shop\nservices:\n  web: { run: a }\n  api: { run: b }\nenvironments:\n'
  const { file } = read(
    `${text}  dev: { configuration: shop/dev }\n  production: { configuration: shop/production, domain: Shop.example }\n`,
  )
  assert.ok(file)
  assert.deepEqual(domainsOf(file, 'production'), { web: 'shop.example', api: 'api.shop.example' })
  assert.deepEqual(domainsOf(file, 'dev'), { web: 'dev.my-shop.localhost', api: 'api.dev.my-shop.localhost' })
})

test('the example that is written for a new project is valid', () => {
  const environments = ['dev', 'production']
  for (const run of ['node server.mjs', 'python3 -m http.server "$PORT"', 'a: b # c']) {
    const { file, diagnostics } = read(exampleApplicationFile({ project: 'shop', service: 'web', run, environments }))
    assert.deepEqual(diagnostics, [])
    assert.equal(file?.services['web']?.run, run)
  }
})

test('the published JSON schema is the one the file is checked by', () => {
  const place = new URL('../../../docs/reference/headgate.schema.json', import.meta.url)
  const schema = `${JSON.stringify(applicationFileSchema(), undefined, 2)}\n`
  if (process.env['HEADGATE_ACCEPT'] === '1') writeFileSync(place, schema)
  assert.equal(readFileSync(place, 'utf8'), schema, 'write it anew with `npm run accept`')
})
