import { WebSocketServer } from '@nestjs/websockets';

/*
 * How the module gets hold of the server that Nest makes for a gateway: the gateway's prototype is given
 * a property as if it had one with `@WebSocketServer()`, and Nest writes the server there, into every
 * instance that it binds, at the moment it exists. The names are fixed, so that two copies of this package
 * share one slot.
 */
const SLOT = '__heartbeatServer';
const SERVER = Symbol.for('nestjs-heartbeat:server');
const OWNERS = Symbol.for('nestjs-heartbeat:slot-owners');

/** Is told of every server the moment that Nest writes it into an instance of a gateway class. */
export interface SlotOwner {
  /** `gateway`: the instance. It may belong to another application that has the same gateway class. */
  arrived(gateway: object, server: unknown): void;
}

/**
 * Opens the slot of a gateway class. The class outlives its applications, so it holds the owner weakly: an
 * application that is made and never started does not stay in memory.
 *
 * @returns a function after whose call the owner is told no more
 */
export function openServerSlot(prototype: object, owner: SlotOwner): () => void {
  const owners = ownersOf(prototype);
  for (const each of owners) if (each.deref() === undefined) owners.delete(each);
  const own = new WeakRef(owner);
  owners.add(own);
  WebSocketServer()(prototype, SLOT);
  Object.defineProperty(prototype, SLOT, {
    configurable: true,
    enumerable: true,
    get(this: object): unknown {
      return readServerSlot(this);
    },
    set(this: object, server: unknown) {
      Object.defineProperty(this, SERVER, { value: server, configurable: true, writable: true });
      for (const each of owners) each.deref()?.arrived(this, server);
    },
  });
  return () => owners.delete(own);
}

/** The server that Nest wrote into a gateway, if it did. */
export function readServerSlot(gateway: object): unknown {
  return Reflect.get(gateway, SERVER);
}

/** One set for each class; a subclass has its own. */
function ownersOf(prototype: object): Set<WeakRef<SlotOwner>> {
  if (!Object.hasOwn(prototype, OWNERS))
    Object.defineProperty(prototype, OWNERS, { value: new Set() });
  return Reflect.get(prototype, OWNERS) as Set<WeakRef<SlotOwner>>;
}
