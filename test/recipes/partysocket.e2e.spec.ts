import { testReconnecting } from './reconnecting.tests.js';
import { openChat } from './recipes/partysocket.js';

testReconnecting(openChat);
