export { connect } from './connect.js';
export type {
  ConnectionEnd,
  ConnectionRetry,
  ConnectionStatus,
  ConnectOptions,
  ConnectUrl,
  LiveConnection,
  LiveConnectionEvents,
  LiveSocket,
} from './live-connection.js';
