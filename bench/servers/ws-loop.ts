// A bare `ws` server with the loop of its README.
import { readmeLoop } from '../support/readme.loop.js';
import { serve, serverSettings } from '../support/server.js';
import { Watch } from '../support/watch.js';
import { echo, startWs } from '../support/ws.server.js';

const { interval, watch: isWatched } = serverSettings();
const watch = new Watch(isWatched);
const { server, port } = await startWs(watch);
echo(server);
readmeLoop(server, interval);
serve(port, watch);
