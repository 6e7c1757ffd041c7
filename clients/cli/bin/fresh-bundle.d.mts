export const INPUTS: string
export function isFresh(repository: string, bundle: string): boolean
