/** The routes about who is told of an environment and what is done to it by the clock; `routes.ts` takes them in. */
import { defineRoutes } from './route.ts'

const environment = '/api/v1/environments/:organisation/:project/:environment'
const environmentErrors = ['REFERENCE_INVALID', 'ENV_NOT_FOUND'] as const
const webhookErrors = [...environmentErrors, 'WEBHOOK_NOT_FOUND'] as const
const webhookWriteErrors = [...webhookErrors, 'WEBHOOK_EXISTS', 'WEBHOOK_INVALID', 'WEBHOOK_ADDRESS_REFUSED'] as const
const scheduleErrors = [...environmentErrors, 'SCHEDULE_NOT_FOUND'] as const

export const automationRoutes = defineRoutes({
  listWebhooks: {
    method: 'GET',
    path: `${environment}/webhooks`,
    summary: 'The webhooks of an environment',
    permission: 'write',
    on: 'environment',
    audit: 'webhook.read',
    errors: environmentErrors,
  },
  createWebhook: {
    method: 'POST',
    path: `${environment}/webhooks`,
    summary: 'Have an address told of what happens to an environment',
    permission: 'write',
    on: 'environment',
    audit: 'webhook.create',
    errors: webhookWriteErrors,
  },
  changeWebhook: {
    method: 'PUT',
    path: `${environment}/webhooks/:webhook`,
    summary: 'Change a webhook',
    permission: 'write',
    on: 'environment',
    audit: 'webhook.change',
    errors: webhookWriteErrors,
  },
  deleteWebhook: {
    method: 'DELETE',
    path: `${environment}/webhooks/:webhook`,
    summary: 'Remove a webhook',
    permission: 'write',
    on: 'environment',
    audit: 'webhook.delete',
    errors: webhookErrors,
  },
  pingWebhook: {
    method: 'POST',
    path: `${environment}/webhooks/:webhook/ping`,
    summary: 'Send a test message now, and say what came of it',
    permission: 'write',
    on: 'environment',
    audit: 'webhook.ping',
    errors: [...webhookErrors, 'WEBHOOK_ADDRESS_REFUSED'],
  },
  listDeliveries: {
    method: 'GET',
    path: `${environment}/webhooks/:webhook/deliveries`,
    summary: 'The messages to a webhook, newest first, with what was answered',
    permission: 'write',
    on: 'environment',
    audit: 'webhook.read',
    errors: webhookErrors,
  },
  redeliver: {
    method: 'POST',
    path: `${environment}/webhooks/:webhook/deliveries/:delivery/redeliver`,
    summary: 'Send a message again now',
    permission: 'write',
    on: 'environment',
    audit: 'webhook.redeliver',
    errors: [...webhookErrors, 'DELIVERY_NOT_FOUND', 'WEBHOOK_ADDRESS_REFUSED'],
  },
  listSchedules: {
    method: 'GET',
    path: `${environment}/schedules`,
    summary: 'What happens to an environment by itself',
    permission: 'read',
    on: 'environment',
    audit: { none: 'times and names' },
    errors: environmentErrors,
  },
  createSchedule: {
    method: 'POST',
    path: `${environment}/schedules`,
    summary: 'Have secrets of an environment rotated at times',
    permission: 'rotate',
    on: 'environment',
    audit: 'schedule.create',
    errors: [...environmentErrors, 'SCHEDULE_INVALID'],
  },
  changeSchedule: {
    method: 'PUT',
    path: `${environment}/schedules/:schedule`,
    summary: 'Change, pause or resume a schedule',
    permission: 'rotate',
    on: 'environment',
    audit: 'schedule.change',
    errors: [...scheduleErrors, 'SCHEDULE_INVALID'],
  },
  deleteSchedule: {
    method: 'DELETE',
    path: `${environment}/schedules/:schedule`,
    summary: 'Remove a schedule',
    permission: 'rotate',
    on: 'environment',
    audit: 'schedule.delete',
    errors: scheduleErrors,
  },
  listScheduleRuns: {
    method: 'GET',
    path: `${environment}/schedules/:schedule/runs`,
    summary: 'When a schedule did its work, newest first, and what came of it',
    permission: 'read',
    on: 'environment',
    audit: { none: 'times and states' },
    errors: scheduleErrors,
  },
})
