// Its types say for Node that the class is `default` of what is imported; it is what is imported.
declare module 'reconnecting-websocket' {
  import Package from 'reconnecting-websocket/dist/reconnecting-websocket.js';
  const ReconnectingWebSocket: typeof Package.default;
  export default ReconnectingWebSocket;
}
