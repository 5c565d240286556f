export { PresenceModule } from './presence.module.js';
export { PresenceService } from './presence.service.js';
export type { PresenceModuleAsyncOptions, PresenceOptions } from './presence.options.js';
export {
  PresenceInputError,
  PresenceOptionsError,
  PresenceUnavailableError,
} from './presence.errors.js';
export type { PresenceNode } from '../heartbeat.presence.interfaces.js';
export type {
  PresenceChange,
  PresenceDisconnectOptions,
  PresenceDisconnectReport,
  PresenceEntry,
  PresenceList,
  PresenceListPage,
  PresenceTrackOptions,
} from './presence.interfaces.js';
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
