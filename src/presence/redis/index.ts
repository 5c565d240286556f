export type { RedisClient } from './redis.client.js';
export { RedisPresenceStore, type RedisPresenceStoreOptions } from './redis.presence-store.js';
