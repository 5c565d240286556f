import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import type { INestApplication, ModuleMetadata } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WsAdapter } from '@nestjs/platform-ws';

/** Starts an application as its `main.ts` would, on a port of its own choice. */
export async function serve(
  metadata: ModuleMetadata,
  host = '127.0.0.1',
): Promise<{ app: INestApplication; url: string }> {
  @Module(metadata)
  class ServerModule {}

  const app = await NestFactory.create(ServerModule, { logger: false });
  app.useWebSocketAdapter(new WsAdapter(app));
  await app.listen(0, host);
  const { port } = app.getHttpServer().address() as AddressInfo;
  return { app, url: `ws://${host}:${port}` };
}
