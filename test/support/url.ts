import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import type { INestApplication } from '@nestjs/common';

/** The WebSocket URL of an application that listens. */
export function urlOf(app: INestApplication, host = '127.0.0.1'): string {
  const server = app.getHttpServer() as Server;
  const { port } = server.address() as AddressInfo;
  return `${server instanceof TlsServer ? 'wss' : 'ws'}://${host}:${port}`;
}
