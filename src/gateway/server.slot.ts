import { WebSocketServer } from '@nestjs/websockets';

/*
 * How the module gets hold of the server that Nest makes for a gateway: the gateway's prototype is given
 * a property as if it had one with `@WebSocketServer()`, and Nest writes the server there, into every
 * instance that it binds, at the moment it exists. The name is fixed, so that two copies of this package
 * share one slot.
 */
const SLOT = '__heartbeatServer';
const SERVER = Symbol.for('nestjs-heartbeat:server');

/** Who is told of a server the moment that Nest writes it. */
export interface SlotOwner {
  arrived?: ((server: unknown) => void) | undefined;
}

/** Opens the slot of a gateway class. The owner of the newest one is told; reading works for all. */
export function openServerSlot(prototype: object, owner: SlotOwner): void {
  WebSocketServer()(prototype, SLOT);
  Object.defineProperty(prototype, SLOT, {
    configurable: true,
    enumerable: true,
    get(this: object): unknown {
      return readServerSlot(this);
    },
    set(this: object, server: unknown) {
      Object.defineProperty(this, SERVER, { value: server, configurable: true, writable: true });
      owner.arrived?.(server);
    },
  });
}

/** The server that Nest wrote into a gateway, if it did. */
export function readServerSlot(gateway: object): unknown {
  return Reflect.get(gateway, SERVER);
}
