/** Who imports what: the rules of the package table, each with its reason. */
import { rulesBetweenPackages } from './boundaries/rules-between-packages.ts'
import { rulesForModules } from './boundaries/rules-for-modules.ts'
import { rulesOfStructure } from './boundaries/rules-of-structure.ts'
import { readWorkspace } from './boundaries/workspace.ts'
import type { Check } from './finding.ts'

export const allRules = [...rulesBetweenPackages, ...rulesForModules, ...rulesOfStructure]

export const boundaries: Check = {
  name: 'boundaries',
  run: (repository) => {
    const workspace = readWorkspace(repository)
    return Promise.resolve(allRules.flatMap((rule) => rule.find(workspace)))
  },
}
