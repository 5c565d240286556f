// A bare `ws` server with the npm package ws-heartbeat, whose clients ping by message.
import { setWsHeartbeat } from 'ws-heartbeat/server.js';
import { serve, serverSettings } from '../support/server.js';
import { Watch } from '../support/watch.js';
import { startWs } from '../support/ws.server.js';

const { timeout, watch: isWatched } = serverSettings();
const watch = new Watch(isWatched);
const { server, port } = await startWs(watch);
// The package has the types of an older `ws`.
const target = server as unknown as Parameters<typeof setWsHeartbeat>[0];
setWsHeartbeat(target, (client, data, binary) => client.send(data, { binary }), timeout);
serve(port, watch);
