import type { IncomingMessage } from 'node:http';
import type { INestApplication } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type { WebSocket, WebSocketServer } from 'ws';

/** What is called of the module's `ConnectionRegistry`, which is not public. */
interface Registry {
  readonly servers: { readonly all: readonly { readonly monitored: unknown }[] };
  detach(server: WebSocketServer): void;
  attach(server: WebSocketServer, monitored: unknown, connections: readonly object[]): void;
}

/**
 * Detaches the module from the server of an application, and attaches it again to the same connections. `watch()` does
 * not know the sockets of connections that were made before.
 */
export function moduleSwitch(
  app: INestApplication,
  server: WebSocketServer,
): (isOn: boolean) => void {
  const requests = new Map<WebSocket, IncomingMessage>();
  server.on('connection', (client, request) => {
    requests.set(client, request);
    client.once('close', () => requests.delete(client));
  });
  const registry = registryOf(app);
  const [{ monitored } = {}] = registry.servers.all;
  return (isOn) => {
    if (!isOn) return registry.detach(server);
    registry.attach(
      server,
      monitored,
      [...requests].map(([client, request]) => ({ client, request })),
    );
  };
}

function registryOf(app: INestApplication): Registry {
  const providers = [...app.get(ModulesContainer).values()].flatMap((module) => [
    ...module.providers.values(),
  ]);
  const found = providers.find(({ name }) => name === 'ConnectionRegistry');
  if (found === undefined) throw new Error('The module has no ConnectionRegistry');
  return found.instance as Registry;
}
