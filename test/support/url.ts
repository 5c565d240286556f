import type { Server } from 'node:http';
import { Server as TlsServer } from 'node:tls';
import type { INestApplication } from '@nestjs/common';

/** The WebSocket URL of an application that listens. */
export function urlOf(app: INestApplication, host = '127.0.0.1'): string {
  const server = app.getHttpServer() as Server;
  const address = server.address();
  if (typeof address === 'string') return `ws+unix:${address}:`;
  return `${server instanceof TlsServer ? 'wss' : 'ws'}://${host}:${address?.port}`;
}

/** The URL of a path of an application. URLs are left as they are. */
export function resolveUrl(to: string, url: string): string {
  const isPathOnUnix = url.startsWith('ws+unix:') && to.startsWith('/');
  return isPathOnUnix ? `${url}${to}` : new URL(to, url).href;
}
