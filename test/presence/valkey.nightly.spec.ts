import { RedisServer } from '../support/redis.server.js';
import { requires } from '../support/requirements.js';
import { defineConformanceTests } from './redis/conformance.js';

requires('valkey-server')('RedisPresenceStore in Valkey', () => {
  defineConformanceTests(() => RedisServer.startValkey());
});
