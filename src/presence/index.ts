export { MemoryPresenceStore } from './memory.store.js';
export type {
  PresenceBatch,
  PresenceItem,
  PresenceMessage,
  PresenceNodePage,
  PresenceNodeState,
  PresenceOrder,
  PresencePage,
  PresenceRenewal,
  PresenceSession,
  PresenceStore,
} from './presence.store.js';
export {
  type RedisClient,
  RedisPresenceStore,
  type RedisPresenceStoreOptions,
} from './redis/index.js';
