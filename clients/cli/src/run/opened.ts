import type { Answer } from '@headgate/contract'

/** What opening an environment gives a program. */
export type Opened = Answer<'openEnvironment'>
