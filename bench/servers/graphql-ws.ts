// A graphql-ws server with its keep-alive.
import { buildSchema } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { serve, serverSettings } from '../support/server.js';
import { Watch } from '../support/watch.js';
import { startWs } from '../support/ws.server.js';

const { interval, watch: isWatched } = serverSettings();
const watch = new Watch(isWatched);
const { server, port } = await startWs(watch);
useServer({ schema: buildSchema('type Query { hello: String }') }, server, interval);
serve(port, watch);
