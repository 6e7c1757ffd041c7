export const INPUTS: string
export function isFresh(repository: string, bundle: string): boolean
export function stampOf(path: string): [number, number]
