import type { Type } from '@nestjs/common';
import { MetadataScanner, type DiscoveryService } from '@nestjs/core';
import type { WebSocketServer } from 'ws';

/** Metadata of `@WebSocketGateway()` on a class. Not every supported version of Nest exports the constant. */
const IS_GATEWAY = 'websockets:is_gateway';
/** Metadata of `@SubscribeMessage()` on a handler. */
const IS_HANDLER = 'websockets:message_mapping';
const HANDLED_EVENT = 'message';

/** What Nest knows of a provider or controller. */
export type Provider = ReturnType<DiscoveryService['getProviders']>[number];

/** The class of the instance of a provider; `undefined` where there is no instance. */
export function classOf({ instance }: Provider): unknown {
  return (instance as object | null | undefined)?.constructor;
}

/** Whether a class has `@WebSocketGateway()`, or inherits it. */
export function isGateway(type: unknown): type is Type {
  return typeof type === 'function' && Reflect.getMetadata(IS_GATEWAY, type) === true;
}

/** The events that a gateway handles. */
export function eventsOf(type: Type): string[] {
  return new MetadataScanner()
    .getAllMethodNames(type.prototype as object)
    .map((method) => Reflect.get(type.prototype as object, method) as object)
    .filter((handler) => Reflect.getMetadata(IS_HANDLER, handler) === true)
    .map((handler) => Reflect.getMetadata(HANDLED_EVENT, handler) as unknown)
    .filter((event) => typeof event === 'string');
}

/** Whether a value is a server of the `ws` package, of whichever version. */
export function isWsServer(server: unknown): server is WebSocketServer {
  return (
    typeof server === 'object' &&
    server !== null &&
    'handleUpgrade' in server &&
    typeof server.handleUpgrade === 'function'
  );
}
