export { withHeartbeat } from './with-heartbeat.js';
export type {
  ClientHeartbeat,
  HeartbeatBeatEvent,
  HeartbeatDrainEvent,
  HeartbeatSilenceEvent,
  HeartbeatSocket,
  HeartbeatSocketEventMap,
  HeartbeatState,
  WithHeartbeatOptions,
} from './heartbeat.socket.js';
export type { WebSocketConstructor, WebSocketLike } from './web-socket.js';
