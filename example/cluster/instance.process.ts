// One instance in a process of its own, started by main.ts. It shares presence with the others through Redis.
import { Redis } from 'ioredis';
import { RedisPresenceStore } from 'nestjs-heartbeat/presence';
import { createApplication, portOf } from '../application.js';

const [node = ''] = process.argv.slice(2);
const redis = new Redis(process.env['REDIS_URL'] ?? '');
// Presence logs that its store is away.
redis.on('error', () => {});

const app = await createApplication({ node, store: new RedisPresenceStore(redis) }, [
  'warn',
  'error',
]);
await app.listen(0, '127.0.0.1');
process.send?.(portOf(app));

// Ctrl+C reaches all processes of a terminal. This one ends when main.ts ends it, or has ended itself.
process.on('SIGINT', () => {});
process.once('disconnect', () => {
  void app.close().then(() => redis.quit());
});
