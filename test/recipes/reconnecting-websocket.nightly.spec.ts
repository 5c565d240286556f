import { testReconnecting } from './reconnecting.tests.js';
import { openChat } from './recipes/reconnecting-websocket.js';

testReconnecting(openChat);
