// A Nest application whose gateway has the loop of the `ws` README.
import { startNest } from '../support/nest.app.js';
import { readmeLoop } from '../support/readme.loop.js';
import { serve, serverSettings } from '../support/server.js';
import { Watch } from '../support/watch.js';

const { interval, watch: isWatched } = serverSettings();
const watch = new Watch(isWatched);
const { app, server, port } = await startNest([], watch);
const turn = readmeLoop(server, interval);
serve(port, watch, { close: () => app.close(), turn });
