import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { WsAdapter } from '@nestjs/platform-ws';
import type { PresenceOptions } from 'nestjs-heartbeat/presence';
import { AppModule } from './app.module.js';

/** Creates the application, which does not listen yet. */
export async function createApplication(
  presence: PresenceOptions = {},
  logger: ('log' | 'warn' | 'error')[] = ['log', 'warn', 'error'],
): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(AppModule.forRoot(presence), {
    logger,
    // Browsers open connections in advance. An unused one would delay the shutdown by a minute.
    forceCloseConnections: true,
  });
  app.useWebSocketAdapter(new WsAdapter(app));
  app.useStaticAssets(join(import.meta.dirname, 'public'), {
    setHeaders: (response) => response.setHeader('Content-Security-Policy', "default-src 'self'"),
  });
  return app;
}

/** Returns the port on which an application listens. */
export function portOf(app: NestExpressApplication): number {
  const { port } = app.getHttpServer().address() as { port: number };
  return port;
}
