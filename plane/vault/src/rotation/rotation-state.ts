import type { KeyRotationRow } from '@headgate/store'

/** The states of a rotation in which there are old and new keys. */
const underWay: ReadonlySet<string> = new Set<KeyRotationRow['state']>(['moving', 'moved', 'finishing', 'undoing'])

export function isUnderWay({ state }: Pick<KeyRotationRow, 'state'>): boolean {
  return underWay.has(state)
}

/** The root key that wraps while a rotation is under way: the new one, unless it is being undone. */
export function wrappingRoot({ state, from_root, to_root }: Pick<KeyRotationRow, 'state' | 'from_root' | 'to_root'>): string {
  return state === 'undoing' || state === 'undone' ? from_root : to_root
}
