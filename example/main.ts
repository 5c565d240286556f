import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { WsAdapter } from '@nestjs/platform-ws';
import { AppModule } from './app.module.js';

const app = await NestFactory.create<NestExpressApplication>(AppModule, {
  // Browsers open connections in advance. An unused one would delay the shutdown by a minute.
  forceCloseConnections: true,
});
app.useWebSocketAdapter(new WsAdapter(app));
app.useStaticAssets(join(import.meta.dirname, 'public'), {
  setHeaders: (response) => response.setHeader('Content-Security-Policy', "default-src 'self'"),
});
// On SIGINT and SIGTERM, clients are closed with 1012 (service restart) before Nest closes the servers.
app.enableShutdownHooks();

// The page can start processes on this machine. Set HOST to allow access from other machines.
const { PORT = '3000', HOST = 'localhost' } = process.env;
await app.listen(Number(PORT), HOST);
const { port } = app.getHttpServer().address() as AddressInfo;
new Logger('Demo').log(`Open http://localhost:${port}`);
