import type { ProcessDriver } from './process/process-driver.ts'
import { rotateOutput } from './process/output-log.ts'
import { memoryOf, sessionMembers } from './process/process-table.ts'
import type { TargetKeeper } from './target-keeper.ts'

/**
 * Ends instances that hold more memory than they may, where the kernel does not keep the limit itself, and puts logs
 * aside that have grown too long. What it ends is started again like anything else that ends.
 */
export async function watchLimits(keeper: TargetKeeper, driver: ProcessDriver): Promise<void> {
  for (const kept of keeper.instances.list()) {
    await rotateOutput(driver.folderOf(kept.row.id)).catch(() => false)
    const limit = kept.plan.service.limits.memoryBytes
    if (limit === undefined || driver.limited || !kept.process || kept.gone !== undefined) continue
    const used = await memoryOf(await sessionMembers(kept.process))
    if (used <= limit) continue
    kept.ending = `it held ${megabytes(used)} of memory, and may hold ${megabytes(limit)}`
    keeper.surroundings.log({ event: 'memory limit', instance: kept.row.id, detail: kept.ending })
    await driver.stop(kept.row, 0, keeper.lease.command)
  }
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1_000_000)} MB`
}
