// A bare `ws` server with a timer for each connection.
import { serve, serverSettings } from '../support/server.js';
import { Watch } from '../support/watch.js';
import { echo, startWs } from '../support/ws.server.js';

const { interval, watch: isWatched } = serverSettings();
const watch = new Watch(isWatched);
const { server, port } = await startWs(watch);
echo(server);
server.on('connection', (client) => {
  let isSilent = false;
  client.on('pong', () => (isSilent = false));
  const timer = setInterval(() => {
    if (isSilent) return client.terminate();
    isSilent = true;
    client.ping();
  }, interval);
  client.on('close', () => clearInterval(timer));
});
serve(port, watch);
