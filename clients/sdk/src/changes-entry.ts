/** Change notifications by themselves, for programs that hold no configuration: `headgate run --watch`. */
export { ChangeFeed, type FeedListener, type FeedOptions } from './change-feed.ts'
export { type Clock, systemClock } from './surroundings.ts'
