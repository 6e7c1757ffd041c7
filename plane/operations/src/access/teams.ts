import type { Answer } from '@headgate/contract'
import { ok, refuse } from '@headgate/model'
import { type Fields, type TeamRow, insert, remove, update } from '@headgate/store'
import type { Plane, UseCase } from '../plane.ts'
import { heldAnswers, rolesOfSubject } from './held-roles.ts'
import { keepOwner } from './last-owner.ts'
import { gainedByLosing, requireOwn } from './own-rights.ts'
import { findPrincipal, findTeam, teamName } from './subjects.ts'

export const listTeams: UseCase<'listTeams'> = async (plane) => {
  const rows = await plane.store.teams.list(plane.organisation.id)
  return ok({ answer: { teams: await Promise.all(rows.map((row) => teamAnswer(plane, row))) } })
}

export const readTeam: UseCase<'readTeam'> = async (plane, _caller, { params }) => {
  const found = await findTeam(plane, params.team)
  return found.ok ? ok({ answer: await teamAnswer(plane, found.value) }) : found
}

/** Makes a team that holds nothing: whatever an earlier one of its name left behind goes in the same Change. */
export const createTeam: UseCase<'createTeam'> = async (plane, _caller, { body }) => {
  const name = teamName(body.name)
  if (!name.ok) return name
  const { store, organisation } = plane
  if (await store.teams.get(organisation.id, name.value)) return refuse('TEAM_EXISTS', { team: name.value })
  const row: Fields<TeamRow> = {
    organisation: organisation.id,
    name: name.value,
    description: body.description ?? null,
    created_at: plane.now(),
  }
  const stale = await removals(plane, name.value)
  return ok({
    answer: { ...(await teamAnswer(plane, row)), members: [], roles: [] },
    writes: [...stale, insert('teams', row)],
    details: { team: name.value },
  })
}

export const updateTeam: UseCase<'updateTeam'> = async (plane, _caller, { params, body }) => {
  const found = await findTeam(plane, params.team)
  if (!found.ok) return found
  const row = { ...found.value, description: body.description }
  return ok({
    answer: await teamAnswer(plane, row),
    writes: [update('teams', found.value, { description: body.description })],
    details: { team: row.name },
  })
}

/** Deletes a team. Its members lose what they held through it, and also what it denied them. */
export const deleteTeam: UseCase<'deleteTeam'> = async (plane, caller, { params }) => {
  const found = await findTeam(plane, params.team)
  if (!found.ok) return found
  const { name } = found.value
  const own = requireOwn(plane, caller, gainedByLosing(await rolesOfSubject(plane, 'team', name)))
  if (!own.ok) return own
  const kept = await keepOwner(plane, { team: name }, `the team ${name}`)
  if (!kept.ok) return kept
  return ok({
    answer: { team: name },
    expect: kept.value,
    writes: [...(await removals(plane, name)), remove('teams', found.value)],
    details: { team: name },
  })
}

/** Takes a principal into a team: it gets all the team holds, so whoever does it must hold that too. */
export const addTeamMember: UseCase<'addTeamMember'> = async (plane, caller, { params }) => {
  const found = await findTeam(plane, params.team)
  if (!found.ok) return found
  const principal = await findPrincipal(plane, params.principal, 'manage')
  if (!principal.ok) return principal
  const own = requireOwn(plane, caller, await rolesOfSubject(plane, 'team', params.team))
  if (!own.ok) return own
  const team = await teamAnswer(plane, found.value)
  const member = team.members.includes(params.principal)
  const row = {
    organisation: plane.organisation.id,
    team: params.team,
    principal: principal.value.id,
    created_at: plane.now(),
  }
  return ok({
    answer: member ? team : { ...team, members: [...team.members, params.principal].toSorted() },
    // The team is written too, so that taking it away at the same time is a conflict.
    writes: member ? [] : [update('teams', found.value, {}), insert('team_members', row)],
    details: { team: params.team, principal: params.principal },
  })
}

export const removeTeamMember: UseCase<'removeTeamMember'> = async (plane, caller, { params }) => {
  const found = await findTeam(plane, params.team)
  if (!found.ok) return found
  const principal = await findPrincipal(plane, params.principal, 'see')
  if (!principal.ok) return principal
  const members = await plane.store.teams.members(plane.organisation.id, params.team)
  const member = members.find((each) => each.principal === principal.value.id)
  if (!member) return refuse('TEAM_MEMBER_NOT_FOUND', params)
  const own = requireOwn(plane, caller, gainedByLosing(await rolesOfSubject(plane, 'team', params.team)))
  if (!own.ok) return own
  const kept = await keepOwner(plane, { member: { team: params.team, principal: principal.value.id } }, params.principal)
  if (!kept.ok) return kept
  const team = await teamAnswer(plane, found.value)
  return ok({
    answer: { ...team, members: team.members.filter((name) => name !== params.principal) },
    expect: kept.value,
    writes: [remove('team_members', member)],
    details: { team: params.team, principal: params.principal },
  })
}

async function removals(plane: Plane, team: string) {
  const { store, organisation } = plane
  const [members, bindings] = await Promise.all([
    store.teams.members(organisation.id, team),
    store.bindings.ofSubject(organisation.id, 'team', team),
  ])
  return [...members.map((row) => remove('team_members', row)), ...bindings.map((row) => remove('bindings', row))]
}

async function teamAnswer(plane: Plane, row: Fields<TeamRow>): Promise<Answer<'readTeam'>> {
  const members = await plane.store.teams.members(plane.organisation.id, row.name)
  const principals = await Promise.all(members.map((member) => plane.store.principals.get(member.principal)))
  const held = await rolesOfSubject(plane, 'team', row.name)
  return {
    name: row.name,
    ...(row.description == null ? {} : { description: row.description }),
    created: row.created_at,
    members: principals.flatMap((principal) => (principal ? [principal.name] : [])).toSorted(),
    roles: heldAnswers(held).map(({ team: _, ...rest }) => rest),
  }
}
