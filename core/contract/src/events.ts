import { z } from 'zod'

/** Where the change notifications are, as a WebSocket. */
export const EVENTS_PATH = '/api/v1/events'
/** How long a socket may stay without its first frame, in milliseconds. */
export const AUTHENTICATE_WITHIN = 5_000

/**
 * What a client sends: first of all its token (never in the URL), then what it wants to hear of. `known` is the
 * newest revision it holds; the server answers at once when there is a newer one, so nothing is missed while away.
 */
export const clientFrame = z.discriminatedUnion('type', [
  z.object({ type: z.literal('authenticate'), token: z.string().max(512) }),
  z.object({
    type: z.literal('watch'),
    environments: z
      .array(z.object({ organisation: z.string(), project: z.string(), environment: z.string(), known: z.number().int().min(0) }))
      .max(100),
  }),
  /** An instance of a release has taken over the configuration of this digest. */
  z.object({ type: z.literal('loaded'), configuration: z.string().max(200) }),
])

/** What the server sends: names and revision numbers, never values. */
export const serverFrame = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), user: z.string() }),
  z.object({
    type: z.literal('revision'),
    organisation: z.string(),
    project: z.string(),
    environment: z.string(),
    revision: z.number().int(),
    /** Set where the environment is as it was, and something it imports changed. */
    imported: z.literal(true).optional(),
  }),
  z.object({ type: z.literal('gone'), organisation: z.string(), project: z.string(), environment: z.string() }),
  z.object({ type: z.literal('refused'), code: z.string(), message: z.string() }),
])

export type ClientFrame = z.output<typeof clientFrame>
export type ServerFrame = z.output<typeof serverFrame>
