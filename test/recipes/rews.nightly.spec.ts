import { testReconnecting } from './reconnecting.tests.js';
import { openChat } from './recipes/rews.js';

testReconnecting(openChat);
