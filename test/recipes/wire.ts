import { EventEmitter } from 'node:events';

/** What a test publishes to those who subscribe to `news`. */
export const wire = new EventEmitter();
