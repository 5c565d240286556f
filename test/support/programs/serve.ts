import 'reflect-metadata';
import type { INestApplication, ModuleMetadata } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WsAdapter } from '@nestjs/platform-ws';
import { defaultHttpsOptions } from '../tls.js';
import { listenAnywhere } from '../unix.js';
import { urlOf } from '../url.js';

/** Starts an application as its `main.ts` does, on a free port. */
export async function serve(
  metadata: ModuleMetadata,
  host = '127.0.0.1',
): Promise<{ app: INestApplication; url: string }> {
  @Module(metadata)
  class ServerModule {}

  const app = await NestFactory.create(ServerModule, {
    logger: false,
    ...(defaultHttpsOptions && { httpsOptions: defaultHttpsOptions }),
  });
  app.useWebSocketAdapter(new WsAdapter(app));
  await listenAnywhere(app, host);
  return { app, url: urlOf(app, host) };
}
