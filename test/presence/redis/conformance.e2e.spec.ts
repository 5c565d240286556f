import { RedisServer } from '../../support/redis.server.js';
import { requires } from '../../support/requirements.js';
import { defineConformanceTests } from './conformance.js';

requires('redis-server')('RedisPresenceStore', () => {
  defineConformanceTests(() => RedisServer.start());
});
