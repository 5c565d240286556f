// The types of the package declare for Node a `default` export of the module; the class is the module itself.
declare module 'reconnecting-websocket' {
  import Package from 'reconnecting-websocket/dist/reconnecting-websocket.js';
  const ReconnectingWebSocket: typeof Package.default;
  export default ReconnectingWebSocket;
}
