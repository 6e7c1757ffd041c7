import { type Providers, type Rotator, exportedValue, isFailure } from '@headgate/lang'
import type { RotationJournal } from './rotation-journal.ts'

/** The same providers; each new state is in the journal before the language goes on with it. */
export function keepingStates(providers: Providers, journal: Pick<RotationJournal, 'keep'>): Providers {
  const kept = (rotator: Rotator): Rotator => ({
    schema: () => rotator.schema(),
    open: (inputs, state, context) => rotator.open(inputs, state, context),
    rotate: async (inputs, state, context) => {
      const answer = await rotator.rotate(inputs, state, context)
      if (isFailure(answer)) return answer
      const value = exportedValue(answer)
      await journal.keep(context.at.path, value)
      return value
    },
  })
  return {
    provider: (name) => providers.provider(name),
    rotator: async (name) => {
      const found = await providers.rotator(name)
      return isFailure(found) ? found : kept(found)
    },
  }
}
