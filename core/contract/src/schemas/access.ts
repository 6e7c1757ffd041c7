import { permissions } from '@headgate/model'
import { z } from 'zod'
import { noBody, noParams, noQuery, time } from './shapes.ts'

const name = z.string().min(1).max(100)
const permission = z.enum(permissions)
const description = z.string().max(500)
const globs = z.array(z.string().max(310)).max(20)

const statement = z
  .object({
    effect: z.enum(['allow', 'deny']),
    /** Of the catalogue, or `*`; an unknown one is refused by its place. */
    permissions: z.array(z.string().max(40)).max(20),
    environments: z.array(z.string().max(310)).max(100),
    patterns: z.array(z.string().max(2000)).max(100).optional(),
  })
  .strict()
const role = z.object({ name, description: z.string(), statements: z.array(statement), builtIn: z.boolean() })

/** What a token leaves of its principal's rights; what is absent narrows nothing. */
export const tokenLimit = z
  .object({ roles: z.array(name).max(50).optional(), permissions: z.array(permission).max(20).optional(), environments: globs.optional() })
  .strict()

const subject = z.object({ kind: z.enum(['principal', 'team']), name })
const binding = z.object({
  id: z.string(),
  subject,
  role: name,
  /** Globs it is confined to; absent where it holds wherever the role speaks of. */
  scope: z.array(z.string()).optional(),
  expires: time.optional(),
  created: time,
  createdBy: z.string().optional(),
})
const held = z.object({ role: name, team: name.optional(), scope: z.array(z.string()).optional(), expires: time.optional() })
const principal = z.object({
  name,
  kind: z.enum(['user', 'machine']),
  description: z.string().optional(),
  created: time,
  suspended: time.optional(),
  teams: z.array(name),
  roles: z.array(held),
})
const team = z.object({
  name,
  description: z.string().optional(),
  created: time,
  members: z.array(name),
  roles: z.array(held),
})
const token = z.object({
  id: z.string(),
  principal: name,
  kind: z.string(),
  name: z.string(),
  created: time,
  expires: time.optional(),
  revoked: time.optional(),
  /** To the minute; absent where it never was. */
  used: time.optional(),
  limit: tokenLimit.optional(),
  /** The trust rule it was exchanged under. */
  trust: z.string().optional(),
  /** Whether it is the one this request was made with. */
  current: z.boolean(),
})

const trustTerms = z
  .object({
    issuer: z.string().max(300),
    audience: z.string().max(300),
    /** Claim to the values it may have; `*` stands for any run of characters. */
    claims: z.record(z.string().max(100), z.array(z.string().max(300)).max(20)),
    /** The machine whose tokens are given out. */
    principal: name,
    limit: tokenLimit.optional(),
    /** Of a token, in seconds; 3600 unless said otherwise. */
    lifetime: z.number().int().min(60).max(86_400).optional(),
    /** Takes each identity token once; it then needs a `jti`. */
    once: z.boolean().optional(),
  })
  .strict()
const trustRule = trustTerms.extend({ name, lifetime: z.number().int(), once: z.boolean(), created: time })
const ruleParams = z.object({ rule: name })

const principalParams = z.object({ principal: name })
const teamParams = z.object({ team: name })
const memberParams = z.object({ team: name, principal: name })
const roleParams = z.object({ role: name })
const bindingParams = z.object({ binding: z.string().max(100) })
const tokenParams = z.object({ token: z.string().max(100) })
const roleBody = z.object({ name, description: description.optional(), statements: z.array(statement) }).strict()

export const accessSchemas = {
  listPrincipals: { params: noParams, query: noQuery, body: noBody, answer: z.object({ principals: z.array(principal) }) },
  createPrincipal: {
    params: noParams,
    query: noQuery,
    body: z.object({ name, kind: z.enum(['user', 'machine']), description: description.optional() }).strict(),
    answer: principal,
  },
  readPrincipal: { params: principalParams, query: noQuery, body: noBody, answer: principal },
  updatePrincipal: {
    params: principalParams,
    query: noQuery,
    body: z.object({ description: description.optional(), suspended: z.boolean().optional() }).strict(),
    answer: principal,
  },
  deletePrincipal: {
    params: principalParams,
    query: noQuery,
    body: noBody,
    answer: z.object({ principal: name, revokedTokens: z.number().int() }),
  },
  listTeams: { params: noParams, query: noQuery, body: noBody, answer: z.object({ teams: z.array(team) }) },
  createTeam: { params: noParams, query: noQuery, body: z.object({ name, description: description.optional() }).strict(), answer: team },
  readTeam: { params: teamParams, query: noQuery, body: noBody, answer: team },
  updateTeam: { params: teamParams, query: noQuery, body: z.object({ description }).strict(), answer: team },
  deleteTeam: { params: teamParams, query: noQuery, body: noBody, answer: z.object({ team: name }) },
  addTeamMember: { params: memberParams, query: noQuery, body: z.object({}).strict().optional(), answer: team },
  removeTeamMember: { params: memberParams, query: noQuery, body: noBody, answer: team },
  listRoles: { params: noParams, query: noQuery, body: noBody, answer: z.object({ roles: z.array(role) }) },
  createRole: { params: noParams, query: noQuery, body: roleBody, answer: role },
  readRole: { params: roleParams, query: noQuery, body: noBody, answer: role },
  updateRole: { params: roleParams, query: noQuery, body: roleBody.omit({ name: true }).strict(), answer: role },
  deleteRole: { params: roleParams, query: noQuery, body: noBody, answer: z.object({ role: name }) },
  listBindings: {
    params: noParams,
    query: z.object({ principal: name.optional(), team: name.optional(), role: name.optional() }),
    body: noBody,
    answer: z.object({ bindings: z.array(binding) }),
  },
  createBinding: {
    params: noParams,
    query: noQuery,
    body: z.object({ subject, role: name, scope: globs.optional(), expires: time.optional() }).strict(),
    answer: binding,
  },
  readBinding: { params: bindingParams, query: noQuery, body: noBody, answer: binding },
  updateBinding: {
    params: bindingParams,
    query: noQuery,
    /** `null` takes a confinement or an end away. */
    body: z.object({ scope: globs.nullable().optional(), expires: time.nullable().optional() }).strict(),
    answer: binding,
  },
  deleteBinding: { params: bindingParams, query: noQuery, body: noBody, answer: z.object({ binding: z.string() }) },
  listTokens: {
    params: noParams,
    query: z.object({ principal: name.optional(), all: z.enum(['true', 'false']).optional() }),
    body: noBody,
    answer: z.object({ tokens: z.array(token) }),
  },
  createToken: {
    params: noParams,
    query: noQuery,
    body: z
      .object({
        /** Absent: the caller. */
        principal: name.optional(),
        name: z.string().max(100),
        expires: time.optional(),
        limit: tokenLimit.optional(),
      })
      .strict(),
    /** `secret` is the token; it is shown here and nowhere again. */
    answer: token.extend({ secret: z.string() }),
  },
  readToken: { params: tokenParams, query: noQuery, body: noBody, answer: token },
  updateToken: {
    params: tokenParams,
    query: noQuery,
    body: z.object({ name: z.string().max(100).optional(), expires: time.optional() }).strict(),
    answer: token,
  },
  revokeToken: { params: tokenParams, query: noQuery, body: noBody, answer: token },
  listTrustRules: { params: noParams, query: noQuery, body: noBody, answer: z.object({ rules: z.array(trustRule) }) },
  createTrustRule: { params: noParams, query: noQuery, body: trustTerms.extend({ name }).strict(), answer: trustRule },
  readTrustRule: { params: ruleParams, query: noQuery, body: noBody, answer: trustRule },
  updateTrustRule: { params: ruleParams, query: noQuery, body: trustTerms, answer: trustRule },
  deleteTrustRule: {
    params: ruleParams,
    query: noQuery,
    body: noBody,
    answer: z.object({ rule: name, revokedTokens: z.number().int() }),
  },
  exchangeIdentity: {
    params: noParams,
    query: noQuery,
    body: z
      .object({
        /** The issuer's identity token, a signed JWT. */
        token: z.string().min(1).max(32_768),
        /** The trust rule that is meant, where several could be. */
        rule: name.optional(),
        /** The audience that is meant, which the identity token must name; absent for any it names. */
        audience: z.string().max(300).optional(),
        /** In seconds; at most what the rule gives. */
        lifetime: z.number().int().min(60).max(86_400).optional(),
      })
      .strict(),
    answer: z.object({ token: z.string(), expires: time, lifetime: z.number().int(), principal: name, rule: name }),
  },
  checkAccess: {
    params: noParams,
    query: z.object({
      /** Absent: the caller. */
      principal: name.optional(),
      permission,
      /** `kind:organisation/project/environment#path`, or any shorter form of it. */
      resource: z.string().max(2000),
    }),
    body: noBody,
    answer: z.object({
      principal: name,
      permission,
      resource: z.string(),
      decision: z.enum(['allow', 'partial', 'deny']),
      /** Set where nothing is allowed whatever the roles say. */
      suspended: z.boolean(),
      reasons: z.array(
        z.object({
          role: name,
          team: name.optional(),
          /** The statement's place in the role, from 1. */
          number: z.number().int(),
          statement,
          reach: z.enum(['some', 'all']),
          decisive: z.boolean(),
        }),
      ),
    }),
  },
}
