/**
 * Space on the disk that is kept for when it is full, so that a plane that cannot record anything any more can still be
 * signed in to, looked at, pruned and exported.
 */
export interface Reserve {
  /**
   * Whether a Change is refused for want of room.
   *
   * @param use how much of the reserve the Change may be recorded in; undefined: none
   */
  refuses(use: ReserveUse | undefined): boolean
  /**
   * A write failed. Where that was for want of room, gives the space free.
   *
   * @param full whether the database said so; otherwise the disk is looked at
   * @returns whether there is more room now than there was, and a write may succeed
   */
  release(full: boolean): boolean
  /** Stops looking for room. The space stays kept. */
  close(): Promise<void>
}

/** `half`: only as long as the other half is untouched, for what anybody signed in can repeat; `all`: for what makes room. */
export type ReserveUse = 'half' | 'all'
