export function isInstalled(repository: string): boolean
export function install(repository: string): Promise<void>
export function chooseNode(repository: string, own?: { path: string; version: string }): string | undefined
