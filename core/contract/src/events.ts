import { z } from 'zod'
import { environmentSchemas } from './schemas/environment.ts'

/** Where the change notifications are, as a WebSocket. */
export const EVENTS_PATH = '/api/v1/events'
/** How long a socket may stay without its first frame, in milliseconds. */
export const AUTHENTICATE_WITHIN = 5_000
/** The largest frame of values, in bytes; of larger ones there is only the notice. */
export const LARGEST_VALUES = 1_048_576

/**
 * How often the client has opened what it watches by itself while this socket was open. Values carry the number the server
 * knew when it began to make them: where it is not the client's own, an answer the client has may be newer than they are.
 */
const asked = z.number().int().min(0)

/**
 * What a client sends: first of all its token (never in the URL), then what it wants to hear of. `known` is the
 * newest revision it holds; the server answers at once when there is a newer one, so nothing is missed while away.
 */
export const clientFrame = z.discriminatedUnion('type', [
  z.object({ type: z.literal('authenticate'), token: z.string().max(512) }),
  z.object({
    type: z.literal('watch'),
    environments: z
      .array(
        z.object({
          organisation: z.string(),
          project: z.string(),
          environment: z.string(),
          known: z.number().int().min(0),
          /** Asks for the values with each change; `version` is the revision or tag to open, as in `openEnvironment`. */
          values: z.object({ version: z.string().max(200).optional() }).optional(),
        }),
      )
      .max(100),
  }),
  /** The client has an answer to an opening of its own. Only for a server whose `ready` says that it knows of values. */
  z.object({ type: z.literal('asked'), asked }),
  /** An instance of a release has taken over the configuration of this digest. */
  z.object({ type: z.literal('loaded'), configuration: z.string().max(200) }),
])

/** What the server sends: names and revision numbers, and values only to whoever asked for them. */
export const serverFrame = z.discriminatedUnion('type', [
  /** `values`: it can send values, and knows the frame `asked`. */
  z.object({ type: z.literal('ready'), user: z.string(), values: z.literal(true).optional() }),
  z.object({
    type: z.literal('revision'),
    organisation: z.string(),
    project: z.string(),
    environment: z.string(),
    revision: z.number().int(),
    /** Set where the environment is as it was, and something it imports changed. */
    imported: z.literal(true).optional(),
  }),
  /**
   * A change, together with what it comes to: what `openEnvironment` would answer, evaluated after the change, and on
   * record as that would be. It stands in place of `revision`, which is sent where values cannot be.
   */
  z.object({
    type: z.literal('values'),
    organisation: z.string(),
    project: z.string(),
    environment: z.string(),
    asked,
    opened: environmentSchemas.openEnvironment.answer,
  }),
  z.object({ type: z.literal('gone'), organisation: z.string(), project: z.string(), environment: z.string() }),
  z.object({ type: z.literal('refused'), code: z.string(), message: z.string() }),
])

export type ClientFrame = z.output<typeof clientFrame>
export type ServerFrame = z.output<typeof serverFrame>
